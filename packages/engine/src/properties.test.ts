import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { taskForm, readModel } from './index.ts';
import { anyGraph, block, draw, drawBlock } from './testing/drawings.ts';
import { CheckedRun } from './testing/invariants.ts';
import { bpmn, flow } from './testing/models.ts';
import type { Command, ProcessModel, Variables } from './types.ts';

const values: fc.Arbitrary<Variables> = fc.record(
  {
    a: fc.constantFrom(0, 2, 9, 'text', null),
    b: fc.constantFrom(true, false, 'yes'),
    c: fc.constantFrom('x', 'y'),
  },
  { requiredKeys: [] },
);

type Move =
  | { type: 'complete'; at: number; choose: number; data: Variables }
  | { type: 'set'; set: Variables; unset: string[] }
  | { type: 'retry'; at: number | null }
  | { type: 'cancel' }
  | { type: 'nonsense'; number: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      type: fc.constant('complete' as const),
      at: fc.nat(),
      choose: fc.nat(),
      data: values,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('set' as const),
      set: values,
      unset: fc.subarray(['a', 'b', 'c'], { maxLength: 1 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('retry' as const), at: fc.option(fc.nat(), { nil: null }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('nonsense' as const), number: fc.integer() }) },
  { weight: 1, arbitrary: fc.constant({ type: 'cancel' as const }) },
);

function commandFor(run: CheckedRun, next: Move): Command {
  const { open } = run.state;
  if (next.type === 'cancel') return next;
  if (next.type === 'set') return { type: 'set-variables', set: next.set, unset: next.unset };
  if (next.type === 'retry') {
    const number = next.at === null ? undefined : open[next.at % open.length]?.number;
    return number === undefined ? { type: 'retry' } : { type: 'retry', number };
  }
  if (next.type === 'nonsense')
    return { type: 'complete', number: next.number, data: {}, choice: ['nowhere'] };
  const active = open.filter((each) => each.status === 'Active');
  const chosen = active[next.at % active.length];
  // Nothing to complete: then it is refused, which changes nothing.
  if (!chosen) return { type: 'complete', number: 0, data: next.data, choice: [] };
  const choice = choiceFor(run.model, chosen.elementId, next.choose);
  return { type: 'complete', number: chosen.number, data: next.data, choice };
}

/** `choose` read as bits (any), or as an index (one). */
function choiceFor(model: ProcessModel, elementId: string, choose: number): string[] {
  const { choice } = taskForm(model, elementId);
  if (choice === null) return [];
  const ids = choice.flows.map((each) => each.id);
  const one = ids[choose % ids.length] ?? '';
  return choice.mode === 'one' ? [one] : ids.filter((_, index) => (choose >> index) % 2 === 1);
}

describe('random models under random schedules', () => {
  const seen = new Set<string>();
  const anyRun = fc.asyncProperty(
    anyGraph,
    values,
    fc.array(move, { maxLength: 25 }),
    async (drawing, variables, moves) => {
      const run = new CheckedRun(await draw(drawing));
      run.do({ type: 'start', variables });
      for (const next of moves) {
        run.do(commandFor(run, next));
        seen.add(run.state.status);
        for (const open of run.state.open) seen.add(open.incident?.code ?? open.status);
      }
      run.checkReplay();
    },
  );

  test('any graph: tokens are conserved, every run ends or waits, replaying gives the same state', async () => {
    await fc.assert(anyRun, { numRuns: 100 });
  });

  test('the models and schedules are varied enough to meet everything that can happen', async () => {
    seen.clear();
    await fc.assert(anyRun, { numRuns: 150, seed: 1 });
    expect([...seen].toSorted()).toEqual([
      'Active',
      'Cancelled',
      'Completed',
      'Incident',
      'Running',
      'Terminated',
      'Waiting',
      'condition-failed',
      'deadlock',
      'endless-loop',
      'no-match',
    ]);
  });

  test('well-drawn models: never stuck, and completed once people leave the loops', async () => {
    const property = fc.asyncProperty(
      block,
      fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 40 }),
      async (root, moves) => {
        const run = new CheckedRun(await draw(drawBlock(root)));
        run.do({ type: 'start', variables: {} });
        const go = (at: number, choose: number) =>
          run.do(commandFor(run, { type: 'complete', at, choose, data: {} }));
        for (const [at, choose] of moves) go(at, choose);
        expect(['Running', 'Completed']).toContain(run.state.status);
        // The last way out of a loop leads on; of the rest, any.
        for (let left = 1_000; run.state.status === 'Running' && left > 0; left -= 1) go(0, 1);
        expect(run.state.status).toBe('Completed');
        run.checkReplay();
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });
});

describe('reading', () => {
  test('never throws, whatever the file', async () => {
    const whole = bpmn(
      `<startEvent id="s"/><userTask id="a" default="a-e"/><endEvent id="e"/>${flow('s', 'a')}${flow('a', 'e', 'x > 1')}`,
    );
    const damaged = fc
      .tuple(
        fc.nat({ max: whole.length }),
        fc.nat({ max: 30 }),
        fc.constantFrom('', '<', '"', '>', '&', '</', 'id="s"', '__proto__', '\0'),
      )
      .map(([at, length, insert]) => whole.slice(0, at) + insert + whole.slice(at + length));
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, fc.string({ unit: 'binary' })), async (xml) => {
        const { model, problems } = await readModel(xml);
        expect(model === null).toBe(problems.length > 0);
      }),
      { numRuns: 200 },
    );
  });
});
