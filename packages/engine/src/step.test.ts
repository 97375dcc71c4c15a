import { describe, expect, test } from 'vitest';
import { EngineError, notStarted, step, taskForm } from './index.ts';
import { MAX_MOVES } from './limits.ts';
import {
  between,
  end,
  exclusive,
  flow,
  Instance,
  modelOf,
  outputs,
  start,
  task,
  terminate,
} from './testing/models.ts';

const simple = () => modelOf(...between(task('x')));

describe('starting', () => {
  test('passes the start and opens the first task', async () => {
    const instance = Instance.begin(await simple(), { customer: 'Ada' });
    expect(instance.history).toEqual([
      { type: 'variables', variables: { customer: 'Ada' } },
      {
        type: 'enter',
        number: 1,
        elementId: 's',
        status: 'Completed',
        via: null,
        incident: null,
        taken: ['s-x'],
      },
      { type: 'enter', number: 2, elementId: 'x', status: 'Active', via: 's-x', incident: null, taken: [] },
    ]);
    expect(instance.state).toEqual({
      status: 'Running',
      variables: { customer: 'Ada' },
      nextNumber: 3,
      open: [{ number: 2, elementId: 'x', status: 'Active', via: 's-x', incident: null }],
    });
  });

  test('happens once, and before anything else', async () => {
    const model = await simple();
    expect(Instance.begin(model).rejection({ type: 'start', variables: {} }).code).toBe('already-started');
    for (const command of [{ type: 'cancel' }, { type: 'retry' }] as const) {
      expect(new Instance(model).rejection(command).code).toBe('not-started');
    }
  });

  test('checks the variables', async () => {
    const model = await modelOf(...between(task('x', outputs({ approved: 'xsd:boolean' }))));
    const rejection = new Instance(model).rejection({ type: 'start', variables: { approved: 'yes' } });
    expect(rejection).toMatchObject({ code: 'bad-variable', field: 'approved' });
  });

  test('takes every way out of the start, and may end at once', async () => {
    const fork = await modelOf(start, task('a'), task('b'), flow('s', 'a'), flow('s', 'b'));
    expect(Instance.begin(fork).open).toEqual(['a', 'b']);
    expect(Instance.begin(await modelOf(start)).state.status).toBe('Completed');
  });
});

describe('completing a task', () => {
  test('moves on, and the instance is completed when nothing is open', async () => {
    const instance = Instance.begin(await simple()).complete('x', { note: 'done' });
    expect(instance.history.slice(2)).toEqual([
      { type: 'variables', variables: { note: 'done' } },
      { type: 'leave', number: 2, status: 'Completed', taken: ['x-e'] },
      {
        type: 'enter',
        number: 3,
        elementId: 'e',
        status: 'Completed',
        via: 'x-e',
        incident: null,
        taken: [],
      },
      { type: 'instance', status: 'Completed' },
    ]);
    expect(instance.state).toMatchObject({ status: 'Completed', open: [], variables: { note: 'done' } });
  });

  test('can be done once; nothing can be done in an instance that is over', async () => {
    const model = await modelOf(start, task('x'), task('y'), flow('s', 'x'), flow('s', 'y'));
    const instance = Instance.begin(model);
    const complete = { type: 'complete', number: instance.active('x'), data: {}, choice: [] } as const;
    const command = { ...complete, choice: [...complete.choice] };
    instance.do(command);
    expect(instance.rejection(command).code).toBe('not-open');
    instance.complete('y');
    expect(instance.rejection(command).code).toBe('not-running');
    expect(instance.rejection({ type: 'cancel' }).code).toBe('not-running');
    expect(instance.rejection({ type: 'set-variables', set: {}, unset: [] }).code).toBe('not-running');
  });

  test('asks for its data, of the right type, and takes anything added by hand', async () => {
    const model = await modelOf(...between(task('x', outputs({ approved: 'xsd:boolean', due: 'xsd:date' }))));
    const instance = Instance.begin(model);
    const attempt = (data: Record<string, boolean | number | string | null>) =>
      instance.rejection({ type: 'complete', number: 2, data, choice: [] });
    expect(attempt({})).toMatchObject({ code: 'bad-variable', field: 'approved' });
    expect(attempt({ approved: null, due: '2024-01-31' })).toMatchObject({ field: 'approved' });
    expect(attempt({ approved: 'yes', due: '2024-01-31' })).toMatchObject({ field: 'approved' });
    expect(attempt({ approved: true, due: 'soon' })).toMatchObject({ field: 'due' });
    expect(attempt({ approved: true, due: '2024-02-30' })).toMatchObject({ field: 'due' });
    expect(attempt({ approved: 1, due: '' }).problems).toHaveLength(2);
    instance.complete('x', { approved: true, due: '2024-01-31', mood: 'good' });
    expect(instance.state.variables).toEqual({ approved: true, due: '2024-01-31', mood: 'good' });
  });

  test("keeps to the types of other tasks' fields too; where two tasks disagree, each goes by its own", async () => {
    const model = await modelOf(
      start + task('x') + task('y', outputs({ n: 'xsd:int' })) + task('z', outputs({ n: 'xsd:string' })),
      flow('s', 'x') + flow('x', 'y') + flow('y', 'z'),
    );
    const instance = Instance.begin(model);
    const wrong = instance.rejection({ type: 'complete', number: 2, data: { n: true }, choice: [] });
    expect(wrong).toMatchObject({ code: 'bad-variable', field: 'n' });
    instance.complete('x', { n: 1 }).complete('y', { n: 2 });
    expect(instance.rejection({ type: 'complete', number: 4, data: { n: 3 }, choice: [] }).field).toBe('n');
    instance.complete('z', { n: 'three' });
  });

  test('each flow into a task starts it', async () => {
    const model = await modelOf(
      start + task('a') + task('b') + task('c'),
      flow('s', 'a') + flow('s', 'b') + flow('a', 'c') + flow('b', 'c'),
    );
    const instance = Instance.begin(model).complete('a').complete('b');
    expect(instance.open).toEqual(['c', 'c']);
    expect(instance.state.open.map((open) => open.via)).toEqual(['a-c', 'b-c']);
    instance.complete('c');
    expect(instance.state.status).toBe('Running');
    instance.complete('c');
    expect(instance.state.status).toBe('Completed');
  });

  test('a task without a way out is an end', async () => {
    const instance = Instance.begin(await modelOf(start, task('x'), flow('s', 'x'))).complete('x');
    expect(instance.state.status).toBe('Completed');
  });
});

describe('a terminating end', () => {
  test('cancels everything else that is open', async () => {
    const instance = Instance.begin(
      await modelOf(
        start + task('a') + task('b') + task('c') + terminate('t'),
        flow('s', 'a') + flow('s', 'b') + flow('a', 't') + flow('a', 'c'),
      ),
    );
    const [, b] = instance.state.open;
    instance.complete('a');
    expect(instance.state).toMatchObject({ status: 'Terminated', open: [] });
    expect(instance.history.slice(-3)).toEqual([
      {
        type: 'enter',
        number: 4,
        elementId: 't',
        status: 'Completed',
        via: 'a-t',
        incident: null,
        taken: [],
      },
      { type: 'leave', number: b?.number, status: 'Cancelled', taken: [] },
      { type: 'instance', status: 'Terminated' },
    ]);
  });

  test('a plain end does not', async () => {
    const instance = Instance.begin(
      await modelOf(start + task('a') + task('b') + end(), flow('s', 'a') + flow('s', 'b') + flow('a', 'e')),
    );
    expect(instance.complete('a').open).toEqual(['b']);
    expect(instance.state.status).toBe('Running');
  });
});

describe('an incident', () => {
  const twoBranches = () =>
    modelOf(
      start + exclusive('g') + exclusive('h') + task('a') + task('b') + task('c'),
      flow('s', 'g') + flow('s', 'h') + flow('s', 'c') + flow('g', 'a', 'n > 1') + flow('h', 'b', 'm > 1'),
    );

  test('does not stop other tasks', async () => {
    const instance = Instance.begin(await twoBranches());
    expect(instance.open).toEqual(['g Incident', 'h Incident', 'c']);
    instance.complete('c', { n: 2 });
    expect(instance.state.status).toBe('Incident');
  });

  test('can be retried alone', async () => {
    const instance = Instance.begin(await twoBranches(), {}).set({ n: 2, m: 2 });
    instance.do({ type: 'retry', number: 2 });
    expect(instance.open).toEqual(['h Incident', 'c', 'a']);
    expect(instance.rejection({ type: 'retry', number: 2 }).code).toBe('nothing-to-retry');
    expect(instance.rejection({ type: 'retry', number: 4 }).code).toBe('nothing-to-retry');
    instance.retry();
    expect(instance.rejection({ type: 'retry' }).code).toBe('nothing-to-retry');
  });

  test('stays, told anew, when nothing has changed', async () => {
    const instance = Instance.begin(await twoBranches()).retry();
    expect(instance.history.slice(-2).map((change) => change.type)).toEqual(['incident', 'incident']);
    expect(instance.open).toEqual(['g Incident', 'h Incident', 'c']);
  });
});

test('variables are set and unset, checked by type', async () => {
  const model = await modelOf(...between(task('x', outputs({ approved: 'xsd:boolean' }))));
  const instance = Instance.begin(model, { a: 1, b: 2 }).set({ c: { deep: [1, null] }, a: 3 }, [
    'b',
    'unknown',
  ]);
  expect(instance.state.variables).toEqual({ a: 3, c: { deep: [1, null] } });
  expect(instance.history.at(-1)).toEqual({ type: 'variables', variables: instance.state.variables });
  const wrong = instance.rejection({ type: 'set-variables', set: { approved: 'yes' }, unset: [] });
  expect(wrong).toMatchObject({ code: 'bad-variable', field: 'approved' });
  const { length } = instance.history;
  expect(instance.set({ a: 3 }).history).toHaveLength(length);
});

test('variables stay within bounds all together, not only each time', async () => {
  const instance = Instance.begin(await simple(), { a: 'x'.repeat(200_000) });
  const more = { type: 'set-variables', set: { b: 'x'.repeat(200_000) }, unset: [] as string[] } as const;
  expect(instance.rejection({ ...more, unset: [] }).code).toBe('bad-variable');
  instance.do({ ...more, unset: ['a'] });
  expect(Object.keys(instance.state.variables)).toEqual(['b']);
});

test('cancelling ends the instance and everything open in it', async () => {
  const instance = Instance.begin(await modelOf(start, task('a'), task('b'), flow('s', 'a'), flow('s', 'b')));
  instance.do({ type: 'cancel' });
  expect(instance.state).toMatchObject({ status: 'Cancelled', open: [] });
  expect(instance.history.slice(-3).map((change) => change.type)).toEqual(['leave', 'leave', 'instance']);
});

describe('a loop without a task', () => {
  const loop = () =>
    modelOf(
      start + exclusive('g') + exclusive('h', 'h-g') + end(),
      flow('s', 'g') + flow('g', 'h') + flow('h', 'g') + flow('h', 'e', 'stop = true'),
    );

  test('becomes an incident that keeps its token, and ends once the variables let it', async () => {
    const instance = Instance.begin(await loop());
    expect(instance.state.status).toBe('Incident');
    expect(instance.state.open).toHaveLength(1);
    expect(instance.incident.code).toBe('endless-loop');
    expect(instance.history).toHaveLength(MAX_MOVES + 3);
    instance.retry();
    expect(instance.incident.code).toBe('endless-loop');
    instance.set({ stop: true }).retry();
    expect(instance.state.status).toBe('Completed');
  });

  test('that forks stays within bounds, however often it is retried', async () => {
    const flows = Array.from(
      { length: 50 },
      (_, index) => `<sequenceFlow id="f${index}" sourceRef="g" targetRef="g"/>`,
    );
    const instance = Instance.begin(
      await modelOf(start + exclusive('g0'), '<task id="g"/>', ...flows, flow('s', 'g0') + flow('g0', 'g')),
    );
    expect(instance.complete('g').open).toHaveLength(50);
    const fork = await modelOf(
      start + '<parallelGateway id="g"/><exclusiveGateway id="m"/>',
      flow('s', 'm') + flow('m', 'g'),
      ...Array.from(
        { length: 20 },
        (_, index) => `<sequenceFlow id="f${index}" sourceRef="g" targetRef="m"/>`,
      ),
    );
    const wild = Instance.begin(fork);
    expect(wild.state.status).toBe('Incident');
    for (let round = 0; round < 3; round += 1) wild.retry();
    expect(wild.state.open.length).toBeLessThan(10_100);
  });
});

test('a state that does not belong to the model is a bug, and says so', async () => {
  const [model, other] = [await simple(), await modelOf(start, task('other'), flow('s', 'other'))];
  const { state } = Instance.begin(other);
  const complete = () => step(model, state, { type: 'complete', number: 2, data: {}, choice: [] });
  expect(complete).toThrow(EngineError);
  expect(complete).toThrow('unknown-element: other');
  expect(() => taskForm(model, 'toString')).toThrow('unknown-element: toString');
  expect(notStarted()).toEqual({ status: 'Running', variables: {}, nextNumber: 1, open: [] });
});
