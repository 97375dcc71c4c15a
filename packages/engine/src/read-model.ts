import type { ModdleElement } from 'bpmn-moddle';
import { buildModel } from './build-model.ts';
import { connect, problemsOfGraph } from './graph.ts';
import {
  MAX_CONDITIONS_LENGTH,
  MAX_MODEL_SIZE,
  MAX_OUTPUTS,
  MAX_PROBLEMS,
  MAX_XML_LENGTH,
} from './limits.ts';
import { child, children, conditionOf, is, text, type Source } from './moddle.ts';
import { parse } from './parse.ts';
import { problem, problemsOfNode } from './problems.ts';
import { scan, type Finding } from './scan.ts';
import type { Problem, ReadResult } from './types.ts';

/**
 * Reads BPMN 2.0 XML. Whatever is wrong comes back as problems, unreadable XML too; it never throws for bad input.
 *
 * @example const { model, problems } = await readModel(xml)
 */
export async function readModel(xml: string): Promise<ReadResult> {
  if (xml.length > MAX_XML_LENGTH) {
    return refuse(null, [problem(null, 'too-large', `The file is larger than ${MAX_XML_LENGTH / 1e6} MB.`)]);
  }
  const finding = scan(xml);
  if (finding !== null) return refuse(null, [problemOfScan(finding)]);
  const source = await parse(xml);
  if ('elementId' in source) return refuse(null, [source]);

  const { definitions } = source;
  const processes = children(definitions, 'rootElements').filter((element) => is(element, 'bpmn:Process'));
  const withNodes = processes.filter((process) => nodesOf(process).length > 0);
  const [process] = withNodes;
  if (!process) {
    return refuse(text(definitions, 'name'), [...lostParts(source), problem(null, 'no-process', NO_PROCESS)]);
  }
  const name = text(process, 'name') ?? participantName(definitions, process) ?? text(definitions, 'name');

  const excess = excessOf(withNodes);
  if (excess !== null)
    return refuse(name, [problem(process, 'too-large', `The model has more than ${excess}.`)]);
  const connected = withNodes.map((each) => ({ each, ...connect(nodesOf(each), flowsOf(each)) }));
  const problems = [
    ...lostParts(source),
    ...(withNodes.length > 1
      ? withNodes.slice(0, MAX_PROBLEMS).map((each) => severalProcesses(definitions, each, withNodes.length))
      : []),
    ...connected.flatMap(({ each, graph, problems: dangling }) => [
      ...graph.nodes.flatMap((node) => problemsOfNode(source, node)),
      ...dangling,
      ...problemsOfGraph(each, graph),
    ]),
  ];
  const [only] = connected;
  if (problems.length > 0 || !only) return refuse(name, problems);
  return { model: buildModel(source, process, name, only.graph), name, problems: [] };
}

const NO_PROCESS =
  'There is no process with steps in this file. Export the diagram as BPMN 2.0 with its process.';

const refuse = (name: string | null, problems: Problem[]): ReadResult => ({
  model: null,
  name,
  problems: problems.slice(0, MAX_PROBLEMS),
});

function excessOf(processes: ModdleElement[]): string | null {
  const elements = processes.flatMap((each) => children(each, 'flowElements'));
  if (elements.length > MAX_MODEL_SIZE) return `${MAX_MODEL_SIZE} elements`;
  const written = elements.reduce((sum, each) => sum + conditionOf(each).length, 0);
  if (written > MAX_CONDITIONS_LENGTH) return `${MAX_CONDITIONS_LENGTH} characters of conditions`;
  const outputs = elements.flatMap((each) => children(child(each, 'ioSpecification'), 'dataOutputs'));
  return outputs.length > MAX_OUTPUTS ? `${MAX_OUTPUTS} data outputs` : null;
}

const nodesOf = (process: ModdleElement) =>
  children(process, 'flowElements').filter((element) => is(element, 'bpmn:FlowNode'));

const flowsOf = (process: ModdleElement) =>
  children(process, 'flowElements').filter((element) => is(element, 'bpmn:SequenceFlow'));

function problemOfScan({ kind, what }: Finding): Problem {
  if (kind === 'excess') return problem(null, 'too-large', `The file is too large to be read here: ${what}.`);
  return problem(
    null,
    'unreadable-xml',
    `This is not a readable BPMN 2.0 file: a tag is malformed at “${what}”.`,
  );
}

/** Parts of the file the parser had to drop: what is left may be another process than the one drawn. */
function lostParts(source: Source): Problem[] {
  return source.warnings.flatMap(({ message }) => {
    // Only of the drawing: the viewer leaves it out, the process is whole.
    if (/content <(?:[\w.-]+:)?BPMN/u.test(message)) return [];
    const duplicate = /duplicate ID <(.*)>/u.exec(message);
    if (duplicate) {
      const reason = `The id “${duplicate[1]}” is used twice. Save the model once more with the tool that drew it.`;
      return [{ elementId: duplicate[1] ?? null, elementName: null, code: 'duplicate-id' as const, reason }];
    }
    const unknown = /unknown type <(bpmn:.*)>/u.exec(message);
    if (!unknown) return [];
    return [
      problem(
        null,
        'unsupported-element',
        `The file has a part “${unknown[1]}”, which is not BPMN 2.0. Remove it.`,
      ),
    ];
  });
}

function severalProcesses(definitions: ModdleElement, process: ModdleElement, count: number): Problem {
  const reason = `The file has ${count} processes with steps; only one can run. Put each into a file of its own.`;
  const refused = problem(process, 'several-processes', reason);
  return { ...refused, elementName: refused.elementName ?? participantName(definitions, process) };
}

function participantName(definitions: ModdleElement, process: ModdleElement): string | null {
  const collaborations = children(definitions, 'rootElements').filter((e) => is(e, 'bpmn:Collaboration'));
  const participants = collaborations.flatMap((collaboration) => children(collaboration, 'participants'));
  return text(participants.find((participant) => participant['processRef'] === process) ?? null, 'name');
}
