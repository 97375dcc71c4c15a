import { describe, expect, test } from 'vitest';
import { taskForm } from './index.ts';
import { end, exclusive, flow, Instance, modelOf, parallel, start, task } from './testing/models.ts';

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

  test('a default is never offered, whatever its condition says', async () => {
    const beside = await model(flow('x', 'a', 'ask me'), flow('x', 'd', 'ask me too'));
    expect(taskForm(beside, 'x').choice?.flows.map((each) => each.id)).toEqual(['x-a']);
    expect(Instance.begin(beside).complete('x').open).toEqual(['d']);
    expect(Instance.begin(beside).complete('x', {}, ['x-a']).open).toEqual(['a']);
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

  test('where a way leads is told in names: those that follow a gateway without one, or the end', async () => {
    const decision = await modelOf(
      start,
      exclusive('g'),
      exclusive('join'),
      parallel('fork'),
      task('a'),
      task('b'),
      end(),
      flow('s', 'g'),
      flow('g', 'join', undefined, 'no'),
      flow('g', 'fork', undefined, 'yes'),
      flow('g', 'e'),
      flow('join', 'a'),
      flow('fork', 'join'),
      flow('fork', 'b'),
      flow('a', 'e'),
      flow('b', 'e'),
    );
    const names = taskForm(decision, 'g').choice?.flows.map((each) => each.targetName);
    expect(names).toEqual(['Task a', 'Task a and Task b', 'the end']);
  });

  test('a way that leads round and round through gateways without names is told without one', async () => {
    const decision = await modelOf(
      start,
      exclusive('g'),
      exclusive('h'),
      task('a'),
      flow('s', 'g'),
      flow('g', 'h'),
      flow('g', 'a'),
      flow('h', 'g'),
    );
    const names = taskForm(decision, 'g').choice?.flows.map((each) => each.targetName);
    expect(names).toEqual(['Task a', 'Task a']);
  });
});
