import fc from 'fast-check';
import { readModel } from '../index.ts';
import type { ElementKind, ProcessModel } from '../types.ts';
import { bpmn, flow } from './models.ts';

/** Conditions that hold, do not hold, fail, or only a person can judge, depending on the variables. */
const CONDITIONS = [
  undefined,
  '',
  'ask the boss',
  'a > 1',
  'b',
  '${a < 5 && b}',
  'not(b)',
  "c = 'x'",
  'true',
  'false',
];

const condition = fc.constantFrom(...CONDITIONS);

interface Drawing {
  nodes: { id: string; kind: ElementKind; default: string | null }[];
  flows: { source: string; target: string; condition: string | undefined }[];
}

const TAGS = {
  start: () => '<startEvent id="n0"/>',
  end: (id: string) => `<endEvent id="${id}"/>`,
  terminate: (id: string) => `<endEvent id="${id}"><terminateEventDefinition/></endEvent>`,
  task: (id: string, attributes: string) => `<userTask id="${id}"${attributes}/>`,
  exclusive: (id: string, attributes: string) => `<exclusiveGateway id="${id}"${attributes}/>`,
  parallel: (id: string) => `<parallelGateway id="${id}"/>`,
} satisfies Record<ElementKind, (id: string, attributes: string) => string>;

export async function draw({ nodes, flows }: Drawing): Promise<ProcessModel> {
  const elements = nodes.map((node) =>
    TAGS[node.kind](node.id, node.default === null ? '' : ` default="${node.id}-${node.default}"`),
  );
  const arrows = flows.map((each) => flow(each.source, each.target, each.condition));
  const { model, problems } = await readModel(bpmn([...elements, ...arrows].join('')));
  if (!model) throw new Error(problems.map((problem) => problem.reason).join(' '));
  return model;
}

/** Any graph in which everything is reachable: forks that never join, joins of what was never forked, loops. */
export const anyGraph: fc.Arbitrary<Drawing> = fc
  .record({
    kinds: fc.array(
      fc.constantFrom<ElementKind>(
        'task',
        'task',
        'exclusive',
        'exclusive',
        'parallel',
        'parallel',
        'end',
        'terminate',
      ),
      { minLength: 1, maxLength: 9 },
    ),
    parents: fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
    extra: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 }),
    conditions: fc.array(condition, { minLength: 20, maxLength: 20 }),
    defaults: fc.array(fc.option(fc.nat(), { nil: null }), { minLength: 10, maxLength: 10 }),
  })
  .map(({ kinds, parents, extra, conditions, defaults }) => {
    const nodes = ['start' as const, ...kinds].map((kind, index) => ({
      id: `n${index}`,
      kind,
      default: null,
    }));
    const sources = (limit: number) =>
      nodes.slice(0, limit).filter((node) => node.kind !== 'end' && node.kind !== 'terminate');
    const pick = <T>(items: T[], at: number): T => items[at % items.length] as T;
    const pairs = nodes
      .slice(1)
      .map((node, index) => [pick(sources(index + 1), parents[index] ?? 0).id, node.id]);
    for (const [from, to] of extra)
      pairs.push([pick(sources(nodes.length), from).id, pick(nodes.slice(1), to).id]);
    const unique = [...new Map(pairs.map((pair) => [pair.join('-'), pair])).values()];
    const flows = unique.map(([source = '', target = ''], index) => ({
      source,
      target,
      condition: source === 'n0' ? undefined : conditions[index % conditions.length],
    }));
    return {
      nodes: nodes.map((node, index) => {
        const targets = flows.filter((each) => each.source === node.id).map((each) => each.target);
        const at = defaults[index] ?? null;
        const branches = node.kind === 'task' || node.kind === 'exclusive';
        return { ...node, default: branches && at !== null && targets.length > 0 ? pick(targets, at) : null };
      }),
      flows,
    };
  });

type Block =
  | { type: 'task' }
  | { type: 'sequence' | 'both' | 'either'; first: Block; second: Block }
  | { type: 'loop'; body: Block };

export const { block } = fc.letrec<{ block: Block }>((tie) => ({
  block: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant({ type: 'task' as const }),
    fc.record({
      type: fc.constantFrom('sequence' as const, 'both' as const, 'either' as const),
      first: tie('block'),
      second: tie('block'),
    }),
    fc.record({ type: fc.constant('loop' as const), body: tie('block') }),
  ),
}));

/** A well-drawn model: what is split is joined in kind. People decide at its exclusive gateways. */
export function drawBlock(root: Block): Drawing {
  const drawing: Drawing = { nodes: [{ id: 'n0', kind: 'start', default: null }], flows: [] };
  const add = (kind: ElementKind) => {
    const id = `n${drawing.nodes.length}`;
    drawing.nodes.push({ id, kind, default: null });
    return id;
  };
  const connect = (source: string, target: string) =>
    drawing.flows.push({ source, target, condition: undefined });
  /** Draws a block behind `from`, answers with its last node. */
  const visit = (each: Block, from: string): string => {
    if (each.type === 'task') {
      const id = add('task');
      connect(from, id);
      return id;
    }
    if (each.type === 'sequence') return visit(each.second, visit(each.first, from));
    if (each.type === 'loop') {
      const head = add('exclusive');
      connect(from, head);
      const tail = add('exclusive');
      connect(visit(each.body, head), tail);
      connect(tail, head);
      return tail;
    }
    const kind = each.type === 'both' ? 'parallel' : 'exclusive';
    const split = add(kind);
    connect(from, split);
    const join = add(kind);
    connect(visit(each.first, split), join);
    connect(visit(each.second, split), join);
    return join;
  };
  connect(visit(root, 'n0'), add('end'));
  return drawing;
}
