import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { role, setUp, trpcError, type AppEvent } from '../testing-helpers/live-store.ts';
import type { Resync } from './listeners.ts';

const SECOND = 1000;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Live, then lost and opened again. */
function setUpLost(options: Parameters<typeof setUp>[0] = {}) {
  const given = setUp(options);
  const remove = given.live();
  const lose = () => {
    given.last().handlers.onComplete();
    vi.advanceTimersByTime(500);
  };
  return { ...given, remove, lose };
}

describe('a stream that is opened again', () => {
  test('and begins with a position has missed nothing: what was missed follows, and nothing is fetched', () => {
    const given = setUpLost();
    given.lose();
    expect(given.last().input).toEqual({ lastEventId: 'p1' });
    expect(given.resumed).not.toHaveBeenCalled();
    given.frame('p1', { channel: 'position' });
    given.frame('p1', role(1));
    given.frame('p2', role(2));
    expect(given.resumed).toHaveBeenCalledOnce();
    expect(given.heard).toEqual([1, 2]);
    expect(given.resyncs).toEqual([{ reason: 'opened' }]);
    expect(given.store.getStatus()).toMatchObject({
      state: 'live',
      reason: 'Connected; changes appear as they happen',
    });
  });

  test('before its first event asks for what came since it was opened', () => {
    const given = setUpLost();
    given.lose();
    given.frame('p1', { channel: 'position' });
    given.lose();
    expect(given.streams.map(({ input }) => input.lastEventId)).toEqual([undefined, 'p1', 'p1']);
  });

  test('inside a batch does not tell twice what was heard', () => {
    const given = setUpLost();
    given.frame('p1', role(11));
    given.frame('p1', role(12));
    given.lose();
    expect(given.last().input).toEqual({ lastEventId: 'p1' });
    given.frame('p1', { channel: 'position' });
    for (const seq of [11, 12, 13]) given.frame('p1', role(seq));
    given.frame('p9', role(14));
    expect(given.heard).toEqual([11, 12, 13, 14]);
    given.lose();
    expect(given.last().input).toEqual({ lastEventId: 'p9' });
  });

  test('counts what was heard before as no new event', () => {
    const given = setUpLost();
    given.frame('p1', role(11));
    const at = given.store.getStatus().lastEventAt;
    given.lose();
    given.frame('p1', { channel: 'position' });
    vi.advanceTimersByTime(5 * SECOND);
    given.frame('p1', role(11));
    vi.advanceTimersByTime(5 * SECOND);
    expect(given.store.getStatus().lastEventAt).toBe(at);
  });

  test('and begins with a resync starts over', () => {
    const given = setUpLost();
    given.lose();
    given.send({ channel: 'resync', reason: 'unknown-position' });
    given.lose();
    given.send({ channel: 'resync', reason: 'too-far-behind' });
    expect(given.resyncs.map(({ reason }) => reason)).toEqual([
      'opened',
      'unknown-position',
      'too-far-behind',
    ]);
    expect(given.resumed).not.toHaveBeenCalled();
  });

  test('and begins with neither starts over, as does one that had no position yet', () => {
    const given = setUp();
    given.listen();
    given.last().handlers.onComplete();
    vi.advanceTimersByTime(500);
    expect(given.last().input).toEqual({});
    given.send({ channel: 'position' });
    given.last().handlers.onComplete();
    vi.advanceTimersByTime(500);
    given.send(role(1));
    expect(given.resyncs).toEqual([{ reason: 'opened' }, { reason: 'opened' }]);
    expect(given.heard).toEqual([1]);
  });

  test('and begins with a resync of some channels has all started over', () => {
    const given = setUpLost();
    given.lose();
    const some: Resync = { reason: 'truncated-table', channels: ['role_changes'] };
    given.send({ channel: 'resync', ...some, reason: 'truncated-table' });
    expect(given.resyncs).toEqual([{ reason: 'opened' }, { reason: 'opened' }, some]);
  });

  test('tells those who came while it was lost to read anew, once, and nobody else', () => {
    const given = setUpLost();
    given.last().handlers.onComplete();
    const told: Resync[] = [];
    const onResync = (resync: Resync): void => void told.push(resync);
    given.store.addListener({ onEvent: () => undefined, onResync });
    given.store.addListener({ onEvent: () => undefined, onResync })();
    vi.advanceTimersByTime(500);
    given.frame('p1', { channel: 'position' });
    expect(told).toEqual([{ reason: 'opened' }]);
    given.lose();
    given.frame('p1', { channel: 'position' });
    expect(told).toHaveLength(1);
    expect(given.resyncs).toHaveLength(1);
  });

  test('goes on waiting for what was being fetched when it was lost', async () => {
    const given = setUp();
    const refetch = Promise.withResolvers<void>();
    given.store.addListener({ onEvent: () => undefined, onResync: () => refetch.promise });
    given.send({ channel: 'position' });
    given.last().handlers.onComplete();
    vi.advanceTimersByTime(500);
    given.send({ channel: 'position' });
    expect(given.state()).toBe('catching up');
    refetch.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(given.state()).toBe('live');
  });

  test('after the page was hidden for long fetches nothing either', () => {
    const given = setUpLost();
    given.change({ hidden: true });
    vi.advanceTimersByTime(3600 * SECOND);
    expect(given.last().closed).toBe(true);
    given.change({ hidden: false });
    expect(given.last().input).toEqual({ lastEventId: 'p1' });
    given.frame('p1', { channel: 'position' });
    given.frame('p2', role(5));
    expect(given.heard).toEqual([5]);
    expect(given.resyncs).toHaveLength(1);
    expect(given.state()).toBe('live');
  });

  test('after everybody had left remembers nothing', () => {
    const given = setUpLost();
    given.frame('p1', role(11));
    given.remove();
    vi.advanceTimersByTime(SECOND);
    given.listen();
    expect(given.last().input).toEqual({});
    given.frame('p1', { channel: 'position' });
    given.frame('p1', role(11));
    expect(given.heard).toEqual([11, 11]);
    expect(given.resyncs).toHaveLength(2);
  });
});

test.each(['unknown-position', 'too-far-behind', 'gap', 'too-slow', 'access-widened'] as const)(
  'a resync says why everything is refreshed: %s',
  async (reason) => {
    const given = setUpLost();
    const refetch = Promise.withResolvers<void>();
    given.store.addListener({ onEvent: () => undefined, onResync: () => refetch.promise });
    given.send({ channel: 'resync', reason });
    expect(given.store.getStatus()).toMatchObject({
      state: 'catching up',
      reason: expect.stringMatching(/^Connected; .+; refreshing everything$/),
    });
    refetch.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(given.store.getStatus().reason).toBe('Connected; changes appear as they happen');
  },
);

describe('a resync with a spread', () => {
  const spread = { channel: 'resync', reason: 'unknown-position', spread: 4000 } as const;

  test('is told when its turn comes; events are told at once', () => {
    const given = setUpLost();
    given.send(spread);
    expect(given.store.getStatus()).toMatchObject({
      state: 'catching up',
      reason: expect.stringContaining('you were away for longer than changes are kept'),
    });
    vi.advanceTimersByTime(3999);
    given.send(role(1));
    expect(given.heard).toEqual([1]);
    expect(given.resyncs).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(given.resyncs).toEqual([{ reason: 'opened' }, { reason: 'unknown-position' }]);
    expect(given.state()).toBe('live');
  });

  test('is not forgotten when the stream is lost meanwhile', () => {
    const given = setUpLost();
    given.send(spread);
    given.last().handlers.onComplete();
    expect(given.state()).toBe('connecting');
    vi.advanceTimersByTime(3500);
    given.send({ channel: 'position' });
    expect(given.state()).toBe('catching up');
    vi.advanceTimersByTime(500);
    expect(given.resyncs.at(-1)).toEqual({ reason: 'unknown-position' });
    expect(given.state()).toBe('live');
  });

  test('that comes again and again is told once, in time, and of everything', () => {
    const given = setUpLost();
    given.send({ ...spread, channels: ['role_changes'] });
    vi.advanceTimersByTime(3000);
    given.send({ ...spread, reason: 'gap', channels: ['profile_changes'] });
    vi.advanceTimersByTime(1000);
    expect(given.resyncs).toEqual([{ reason: 'opened' }, { reason: 'gap' }]);
    vi.advanceTimersByTime(60 * SECOND);
    expect(given.resyncs).toHaveLength(2);
  });

  test('is over when everything is fetched again before its moment comes', () => {
    const given = setUpLost();
    given.send(spread);
    given.send({ channel: 'resync', reason: 'truncated-table', channels: ['role_changes'] });
    expect(given.state()).toBe('catching up');
    given.send({ channel: 'resync', reason: 'gap' });
    expect(given.state()).toBe('live');
    vi.advanceTimersByTime(60 * SECOND);
    expect(given.resyncs.map(({ reason }) => reason)).toEqual(['opened', 'truncated-table', 'gap']);
  });

  test.each(['signed out', 'left', 'refused'])('is told to nobody who has %s', (how) => {
    const given = setUpLost();
    given.send(spread);
    if (how === 'signed out') given.store.close();
    else if (how === 'refused') given.last().handlers.onError(trpcError('FORBIDDEN'));
    else given.remove();
    vi.advanceTimersByTime(60 * SECOND);
    expect(given.resyncs).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('silence', () => {
  test('for longer than the server is ever silent: the stream is opened again with its position', () => {
    const given = setUpLost();
    vi.advanceTimersByTime(30 * SECOND);
    given.frame('p2', { channel: 'position' });
    vi.advanceTimersByTime(75 * SECOND - 1);
    expect(given.state()).toBe('live');
    vi.advanceTimersByTime(1);
    expect(given.streams[0]?.closed).toBe(true);
    expect(given.store.getStatus().reason).toContain('Nothing was heard from the server for a while');
    vi.advanceTimersByTime(500);
    expect(given.last().input).toEqual({ lastEventId: 'p2' });
  });

  test('that is broken every 30 s is none, nor is any for a page that bears it', () => {
    const given = setUpLost();
    const patient = setUp({ silenceMs: Infinity });
    patient.live();
    for (let times = 0; times < 100; times++) {
      vi.advanceTimersByTime(30 * SECOND);
      given.send({ channel: 'position' });
    }
    expect(given.streams).toHaveLength(1);
    expect(patient.streams).toHaveLength(1);
  });
});

describe('a server that asks to be spared', () => {
  const tooMany = (retryAfterMs?: unknown) =>
    Object.assign(new Error('50 streams are open'), {
      data: { code: 'TOO_MANY_REQUESTS', retryAfterMs },
      shape: {},
    });

  test('is not asked earlier, whatever suggests that; the reason says so', () => {
    const given = setUpLost();
    given.last().handlers.onError(tooMany(20_000));
    expect(given.store.getStatus()).toMatchObject({
      state: 'paused',
      reason: 'Live updates are paused. 50 streams are open. It is tried again by itself',
    });
    given.change({ hidden: true });
    given.change({ hidden: false });
    given.change({ online: false });
    given.change({ online: true });
    vi.advanceTimersByTime(20_499);
    expect(given.streams).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(given.last().input).toEqual({ lastEventId: 'p1' });
  });

  test('without saying for how long is asked again as any other', () => {
    const given = setUpLost();
    given.last().handlers.onError(tooMany());
    vi.advanceTimersByTime(500);
    given.last().handlers.onError(tooMany('soon'));
    vi.advanceTimersByTime(500);
    given.last().handlers.onError(tooMany(-1));
    vi.advanceTimersByTime(500);
    expect(given.streams).toHaveLength(4);
  });

  test('for longer than a browser’s timer can wait is asked after ten minutes', () => {
    const given = setUpLost();
    given.last().handlers.onError(tooMany(1e12));
    vi.advanceTimersByTime(600 * SECOND);
    expect(given.streams).toHaveLength(1);
    vi.advanceTimersByTime(500);
    expect(given.streams).toHaveLength(2);
  });
});

test('a listener’s own event without a number is told as often as it comes', () => {
  const given = setUpLost();
  const bare = { channel: 'profile_changes' } as AppEvent;
  given.frame('p1', bare);
  given.frame('p1', bare);
  expect(given.heard).toHaveLength(2);
});
