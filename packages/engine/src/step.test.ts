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

describe('the ways out of a task', () => {
  const model = (...flows: string[]) => {
    const attributes = flows.some((each) => each.includes('id="x-d"')) ? 'default="x-d"' : '';
    const targets = ['a', 'b', 'c', 'd'].filter((id) =>
      flows.some((each) => each.includes(`targetRef="${id}"`)),
    );
    return modelOf(
      start + task('x', '', attributes),
      ...targets.map((id) => task(id)),
      flow('s', 'x'),
      ...flows,
    );
  };

  test('those without a condition and those whose condition is true', async () => {
    const flows = [flow('x', 'a'), flow('x', 'b', 'n > 1'), flow('x', 'c', 'n > 2'), flow('x', 'd')];
    expect(Instance.begin(await model(...flows)).complete('x', { n: 2 }).open).toEqual(['a', 'b']);
  });

  test('the default only when nothing else', async () => {
    const flows = [flow('x', 'b', 'n > 1'), flow('x', 'd', 'n > 0')];
    expect(Instance.begin(await model(...flows)).complete('x', { n: 2 }).open).toEqual(['b']);
    expect(Instance.begin(await model(...flows)).complete('x', { n: 0 }).open).toEqual(['d']);
  });

  test('unreadable ones as the person chooses', async () => {
    const both = await model(
      flow('x', 'a', 'ask the boss', 'Ask'),
      flow('x', 'b', ''),
      flow('x', 'c', 'n > 1'),
    );
    expect(taskForm(both, 'x').choice).toEqual({
      mode: 'any',
      required: false,
      flows: [
        { id: 'x-a', name: 'Ask', targetName: 'Task a', source: 'ask the boss' },
        { id: 'x-b', name: null, targetName: 'Task b', source: null },
      ],
    });
    const instance = Instance.begin(both);
    const attempt = (choice: string[], n: number) =>
      instance.rejection({ type: 'complete', number: 2, data: { n }, choice }).code;
    expect(attempt([], 1)).toBe('choice-needed');
    expect(attempt(['x-c'], 2)).toBe('bad-choice');
    expect(attempt(['x-a', 'x-a'], 2)).toBe('bad-choice');
    expect(attempt(['s-x'], 2)).toBe('bad-choice');
    expect(Instance.begin(both).complete('x', { n: 2 }).open).toEqual(['c']);
    expect(Instance.begin(both).complete('x', { n: 2 }, ['x-a']).open).toEqual(['a', 'c']);
    expect(Instance.begin(both).complete('x', { n: 0 }, ['x-b', 'x-a']).open).toEqual(['a', 'b']);
  });

  test('a choice that is the only way on is required; one beside a default is not', async () => {
    const only = await model(flow('x', 'a', 'ask'.concat(' me')), flow('x', 'b', 'or not'));
    expect(taskForm(only, 'x').choice?.required).toBe(true);
    expect(Instance.begin(only).rejection({ type: 'complete', number: 2, data: {}, choice: [] }).code).toBe(
      'choice-needed',
    );
    const beside = await model(flow('x', 'a', 'ask me'), flow('x', 'd'));
    expect(taskForm(beside, 'x').choice?.required).toBe(false);
    expect(Instance.begin(beside).complete('x').open).toEqual(['d']);
  });

  test('nothing to choose, nothing chosen', async () => {
    const instance = Instance.begin(await model(flow('x', 'a')));
    expect(instance.rejection({ type: 'complete', number: 2, data: {}, choice: ['x-a'] }).code).toBe(
      'bad-choice',
    );
  });

  test('no way out is an incident, retried once the variables are corrected', async () => {
    const instance = Instance.begin(await model(flow('x', 'a', 'n > 1'), flow('x', 'b', 'n > 2')));
    instance.complete('x', { n: 1 });
    expect(instance.open).toEqual(['x Incident']);
    expect(instance.state.status).toBe('Incident');
    expect(instance.incident).toMatchObject({ code: 'no-match', flowId: null });
    expect(instance.rejection({ type: 'complete', number: 2, data: {}, choice: [] }).code).toBe('not-active');
    instance.retry();
    expect(instance.open).toEqual(['x Incident']);
    instance.set({ n: 2 }).retry();
    expect(instance.open).toEqual(['a']);
    expect(instance.state.status).toBe('Running');
  });

  test('a condition that fails holds every way back, and the choice is kept for the retry', async () => {
    const instance = Instance.begin(
      await model(flow('x', 'a'), flow('x', 'b', 'n > 1', 'many'), flow('x', 'c', 'ask me')),
    );
    instance.complete('x', {}, ['x-c']);
    expect(instance.open).toEqual(['x Incident']);
    expect(instance.incident).toMatchObject({ code: 'condition-failed', flowId: 'x-b' });
    expect(instance.incident.message).toMatch(/“many”.*n > 1.*“n” is not set/u);
    instance.set({ n: 5 }).retry();
    expect(instance.open).toEqual(['a', 'b', 'c']);
  });
});

describe('an exclusive gateway', () => {
  const model = (defaultFlow: string | undefined, ...flows: string[]) => {
    const targets = ['a', 'b', 'c'].filter((id) => flows.some((each) => each.includes(`targetRef="${id}"`)));
    const tasks = targets.map((id) => task(id));
    return modelOf(start + exclusive('g', defaultFlow), ...tasks, flow('s', 'g'), ...flows);
  };
  const three = (defaultFlow?: string) =>
    model(defaultFlow, flow('g', 'a', 'n > 10'), flow('g', 'b', 'n > 5'), flow('g', 'c', 'n = 1'));

  test('takes the first match, in the order of the file', async () => {
    expect(Instance.begin(await three(), { n: 11 }).open).toEqual(['a']);
    expect(Instance.begin(await three(), { n: 6 }).open).toEqual(['b']);
    expect(Instance.begin(await three(), { n: 1 }).open).toEqual(['c']);
  });

  test('takes the default when nothing matches, whatever its condition says', async () => {
    expect(Instance.begin(await three('g-c'), { n: 0 }).open).toEqual(['c']);
    expect(Instance.begin(await three('g-a'), { n: 11 }).open).toEqual(['b']);
  });

  test('is passed when it has one way out', async () => {
    const one = await modelOf(
      start + exclusive('g') + task('a'),
      flow('s', 'g') + flow('g', 'a', 'as agreed'),
    );
    const instance = Instance.begin(one);
    expect(instance.open).toEqual(['a']);
    expect(instance.history[1]).toMatchObject({ elementId: 'g', status: 'Completed', taken: ['g-a'] });
    const none = await modelOf(start + exclusive('g'), flow('s', 'g'));
    expect(Instance.begin(none).state.status).toBe('Completed');
  });

  test('never passes over a readable condition, not even that of its only way out', async () => {
    const one = await modelOf(start + exclusive('g') + task('a'), flow('s', 'g') + flow('g', 'a', 'n > 1'));
    expect(Instance.begin(one, { n: 1 }).incident.code).toBe('no-match');
    expect(Instance.begin(one).incident.code).toBe('condition-failed');
    expect(Instance.begin(one, { n: 2 }).open).toEqual(['a']);
  });

  test('no match is an incident that names what is not set', async () => {
    const instance = Instance.begin(
      await model(undefined, flow('g', 'a', 'c = "x"'), flow('g', 'b', 'c = "y"')),
    );
    expect(instance.open).toEqual(['g Incident']);
    expect(instance.state.status).toBe('Incident');
    expect(instance.incident.code).toBe('no-match');
    expect(instance.incident.message).toMatch(/“c” is not set\./u);
    instance.set({ c: 'y' }).retry();
    expect(instance.open).toEqual(['b']);
    expect(instance.state.status).toBe('Running');
  });

  test('a condition that fails is an incident, although the next would hold or a default is there', async () => {
    const instance = Instance.begin(
      await model('g-c', flow('g', 'a', 'n > 10'), flow('g', 'b', 'true'), flow('g', 'c')),
    );
    expect(instance.incident).toMatchObject({ code: 'condition-failed', flowId: 'g-a' });
    expect(instance.incident.message).toMatch(/to “Task a”.*“n” is not set/u);
    instance.set({ n: 'many' }).retry();
    expect(instance.incident.message).toMatch(/is the text “many”/u);
    instance.set({}, ['n']).retry();
    expect(instance.incident.message).toMatch(/“n” is not set/u);
    instance.set({ n: 11 }).retry();
    expect(instance.open).toEqual(['a']);
  });

  test('a condition after the match is not asked', async () => {
    const instance = Instance.begin(
      await model(undefined, flow('g', 'a', 'true'), flow('g', 'b', 'unset > 3')),
    );
    expect(instance.open).toEqual(['a']);
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['unreadable', 'the boss agrees'],
  ])('with a condition %s, a person decides among all ways out', async (_, condition) => {
    const decision = await model(
      'g-c',
      flow('g', 'a', condition, 'Yes'),
      flow('g', 'b', 'n > 1'),
      flow('g', 'c'),
    );
    const form = taskForm(decision, 'g');
    expect(form).toMatchObject({ decision: true, fields: [], choice: { mode: 'one', required: true } });
    expect(form.choice?.flows.map((each) => [each.id, each.name, each.targetName])).toEqual([
      ['g-a', 'Yes', 'Task a'],
      ['g-b', null, 'Task b'],
      ['g-c', null, 'Task c'],
    ]);
    const instance = Instance.begin(decision);
    expect(instance.open).toEqual(['g']);
    const attempt = (choice: string[]) =>
      instance.rejection({ type: 'complete', number: 2, data: {}, choice }).code;
    expect(attempt([])).toBe('choice-needed');
    expect(attempt(['g-a', 'g-b'])).toBe('bad-choice');
    expect(attempt(['s-g'])).toBe('bad-choice');
    instance.complete('g', { why: 'because' }, ['g-b']);
    expect(instance.open).toEqual(['b']);
    expect(instance.state.variables).toEqual({ why: 'because' });
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
