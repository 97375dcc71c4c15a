export { Diagram, type DiagramProps } from './diagram.tsx';
export { marksFromElements, marksFromProblems, type Mark } from './marks.ts';
