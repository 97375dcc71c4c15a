export { Diagram, type DiagramProps } from './diagram.tsx';
export { MARK_WORDS } from './mark-words.tsx';
export { marksFromElements, marksFromProblems, shownVisit, STATE_OF, type Mark } from './marks.ts';
export { StateDot } from './state-dot.tsx';
