import { describe, expect, test } from 'vitest';
import { MAX_MOVES } from './limits.ts';
import { end, exclusive, flow, Instance, modelOf, parallel, start, task } from './testing/models.ts';

const forkAndJoin = () =>
  modelOf(
    start + parallel('f') + task('a') + task('b') + parallel('j') + task('c') + end(),
    flow('s', 'f') +
      flow('f', 'a') +
      flow('f', 'b') +
      flow('a', 'j') +
      flow('b', 'j') +
      flow('j', 'c') +
      flow('c', 'e'),
  );

describe('a parallel gateway', () => {
  test('forks at once, joins when every flow has its token', async () => {
    const instance = Instance.begin(await forkAndJoin());
    expect(instance.open).toEqual(['a', 'b']);
    instance.complete('b');
    expect(instance.open).toEqual(['a', 'j Waiting']);
    expect(instance.state.status).toBe('Running');
    const waiting = instance.state.open[1]?.number ?? 0;
    expect(instance.rejection({ type: 'complete', number: waiting, data: {}, choice: [] }).code).toBe(
      'not-active',
    );
    instance.complete('a');
    expect(instance.open).toEqual(['c']);
    expect(instance.history.slice(-4)).toMatchObject([
      { type: 'leave', taken: ['a-j'] },
      { type: 'leave', number: waiting, status: 'Completed', taken: [] },
      { type: 'enter', elementId: 'j', status: 'Completed', via: 'a-j', taken: ['j-c'] },
      { type: 'enter', elementId: 'c', status: 'Active', via: 'j-c' },
    ]);
    expect(instance.complete('c').state.status).toBe('Completed');
  });

  test('joins and forks in one', async () => {
    const model = await modelOf(
      start + task('a') + task('b') + parallel('j') + task('c') + task('d'),
      flow('s', 'a') + flow('s', 'b') + flow('a', 'j') + flow('b', 'j') + flow('j', 'c') + flow('j', 'd'),
    );
    expect(Instance.begin(model).complete('a').complete('b').open).toEqual(['c', 'd']);
  });

  test('ignores conditions on its ways out', async () => {
    const model = await modelOf(
      start + parallel('f') + task('a') + task('b'),
      flow('s', 'f') + flow('f', 'a', 'false') + flow('f', 'b', 'nobody knows'),
    );
    expect(Instance.begin(model).open).toEqual(['a', 'b']);
  });

  test('counts tokens: two by one flow do not stand for two flows, the oldest goes first', async () => {
    const model = await modelOf(
      start + task('a') + task('b') + exclusive('m') + parallel('j') + task('c'),
      `<task id="a2"/>${flow('s', 'a')}${flow('s', 'a2')}${flow('s', 'b')}`,
      flow('a', 'm') + flow('a2', 'm') + flow('m', 'j') + flow('b', 'j') + flow('j', 'c'),
    );
    const instance = Instance.begin(model).complete('a').complete('a2');
    expect(instance.open).toEqual(['b', 'j Waiting', 'j Waiting']);
    const [, first, second] = instance.state.open;
    instance.complete('b');
    expect(instance.history).toContainEqual({
      type: 'leave',
      number: first?.number,
      status: 'Completed',
      taken: [],
    });
    expect(instance.state.open.map((open) => open.number)).toContain(second?.number);
    expect(instance.open).toEqual(['j Waiting', 'c']);
  });

  test('in a loop, again and again', async () => {
    const model = await modelOf(
      start +
        exclusive('m') +
        parallel('f') +
        task('a') +
        task('b') +
        parallel('j') +
        exclusive('g', 'g-e') +
        end(),
      flow('s', 'm') + flow('m', 'f') + flow('f', 'a') + flow('f', 'b') + flow('a', 'j') + flow('b', 'j'),
      flow('j', 'g') + flow('g', 'm', 'again = true') + flow('g', 'e'),
    );
    const instance = Instance.begin(model);
    for (let round = 0; round < 3; round += 1) instance.complete('b').complete('a', { again: true });
    expect(instance.open).toEqual(['a', 'b']);
    instance.complete('a').complete('b', { again: false });
    expect(instance.state.status).toBe('Completed');
  });
});

describe('a deadlock', () => {
  test('says which flow no token can come by any more', async () => {
    const model = await modelOf(
      start +
        exclusive('g', 'g-b') +
        task('a') +
        task('b') +
        '<parallelGateway id="j" name="Both?"/>' +
        end(),
      flow('s', 'g') +
        flow('g', 'a', 'n > 1') +
        flow('g', 'b') +
        flow('a', 'j') +
        flow('b', 'j') +
        flow('j', 'e'),
    );
    const instance = Instance.begin(model, { n: 2 }).complete('a');
    expect(instance.open).toEqual(['j Incident']);
    expect(instance.state.status).toBe('Incident');
    expect(instance.incident).toMatchObject({ code: 'deadlock', flowId: 'b-j' });
    expect(instance.incident.message).toMatch(/“Both\?” waits for a way from “Task b”/u);
    expect(instance.rejection({ type: 'retry' })).toMatchObject({ code: 'nothing-to-retry' });
    expect(instance.do({ type: 'cancel' }).state.status).toBe('Cancelled');
  });

  test('is none while something else may still move', async () => {
    const model = await modelOf(
      start + task('a') + task('b') + task('c') + parallel('j') + exclusive('g'),
      flow('s', 'a') +
        flow('s', 'b') +
        flow('a', 'j') +
        flow('c', 'j') +
        flow('b', 'g') +
        flow('g', 'c', 'n > 1'),
    );
    const instance = Instance.begin(model).complete('a');
    expect(instance.open).toEqual(['b', 'j Waiting']);
    instance.complete('b');
    expect(instance.open).toEqual(['j Waiting', 'g Incident']);
    instance.set({ n: 2 }).retry().complete('c');
    expect(instance.state.status).toBe('Completed');
  });
});

test('a join that fires without end loses nothing: what waits behind it moves on with its retry', async () => {
  // Both ways out of the join lead back into it: it fires itself for ever, until `stop` sends one token away.
  const model = await modelOf(
    start + exclusive('m') + exclusive('n', 'n-j') + parallel('j') + task('t'),
    '<sequenceFlow id="s1" sourceRef="s" targetRef="m"/><sequenceFlow id="s2" sourceRef="s" targetRef="n"/>',
    flow('m', 'j') + flow('n', 'j') + flow('n', 't', 'stop = true') + flow('j', 'm') + flow('j', 'n'),
  );
  const instance = Instance.begin(model);
  expect(instance.state.status).toBe('Incident');
  expect(instance.state.open).toHaveLength(2);
  expect(instance.history.length).toBeGreaterThan(MAX_MOVES);
  instance.retry();
  expect(instance.state.open).toHaveLength(2);
  instance.set({ stop: true }).retry();
  expect(instance.open.toSorted()).toEqual(['j Waiting', 't']);
  instance.complete('t');
  expect(instance.incident.code).toBe('deadlock');
});

test('tokens that come to a stuck join wait behind it, and go on with its retry', async () => {
  const model = await modelOf(
    start +
      task('k') +
      exclusive('m') +
      exclusive('n') +
      parallel('j') +
      exclusive('x', 'x-f') +
      parallel('f') +
      task('t'),
    // So many gateways before the loop that the join is where the command's allowance ends.
    exclusive('g0') + exclusive('g1') + exclusive('g2'),
    flow('s', 'g0') + flow('g0', 'g1') + flow('g1', 'g2') + flow('g2', 'm') + flow('s', 'n') + flow('s', 'k'),
    flow('m', 'j') + flow('n', 'j') + flow('j', 'x') + flow('x', 'f') + flow('x', 't', 'stop = true'),
    flow('f', 'm') + flow('f', 'n') + flow('k', 'm') + flow('k', 'n'),
  );
  const instance = Instance.begin(model);
  expect(instance.open).toEqual(['k', 'j Waiting', 'j Incident']);
  instance.complete('k');
  expect(instance.open).toEqual(['j Waiting', 'j Incident', 'j Waiting', 'j Waiting']);
  instance.set({ stop: true }).retry();
  expect(instance.open).toEqual(['t', 't']);
});
