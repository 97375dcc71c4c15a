import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { role, setUp, trpcError } from '../testing-helpers/live-store.ts';
import type { LiveState } from './status.ts';

const SECOND = 1000;
const AWAY = { state: 'connecting', reason: 'This tab is in the background' };

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A page that was live and has left its stream. */
function setUpAway() {
  const given = setUp();
  const remove = given.live();
  given.change({ hidden: true });
  vi.advanceTimersByTime(10 * SECOND);
  expect(given.last().closed).toBe(true);
  return { ...given, remove };
}

describe('a page that is out of sight', () => {
  test('leaves its stream after a while, says so, and tries nothing meanwhile', () => {
    const given = setUp();
    given.live();
    given.change({ hidden: true });
    vi.advanceTimersByTime(10 * SECOND - 1);
    expect(given.last().closed).toBe(false);
    expect(given.state()).toBe('live');
    vi.advanceTimersByTime(1);
    expect(given.last().closed).toBe(true);
    expect(given.store.getStatus()).toMatchObject({ ...AWAY, since: 10 * SECOND });
    given.change({ online: false });
    given.change({ online: true });
    vi.advanceTimersByTime(3600 * SECOND);
    expect(given.streams).toHaveLength(1);
    expect(given.store.getStatus()).toMatchObject(AWAY);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('opens it as soon as it is seen, with its position, and starts over where the server says so', async () => {
    const given = setUpAway();
    const refetch = Promise.withResolvers<void>();
    given.store.addListener({ onEvent: () => undefined, onResync: () => refetch.promise });
    const shown: LiveState[] = [];
    given.store.subscribeStatus(() => shown.push(given.state()));
    given.change({ hidden: false });
    expect(given.streams).toHaveLength(2);
    expect(given.last().input).toEqual({ lastEventId: 'p1' });
    expect(given.store.getStatus().reason).toBe('Opening the connection');
    given.send({ channel: 'resync', reason: 'unknown-position' });
    expect(given.resyncs).toEqual([{ reason: 'opened' }, { reason: 'unknown-position' }]);
    refetch.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(shown).toEqual(['connecting', 'catching up', 'live']);
    given.send(role(1));
    expect(given.heard).toEqual([1]);
  });

  test('keeps it when it is seen again in time, every time', () => {
    const given = setUp();
    given.live();
    for (let times = 0; times < 5; times++) {
      given.change({ hidden: true });
      vi.advanceTimersByTime(9 * SECOND);
      given.send(role(times));
      given.change({ hidden: false });
      vi.advanceTimersByTime(60 * SECOND);
    }
    expect(given.streams).toHaveLength(1);
    expect(given.last().closed).toBe(false);
    expect(given.heard).toEqual([0, 1, 2, 3, 4]);
    expect(given.resyncs).toHaveLength(1);
    expect(given.state()).toBe('live');
  });

  test('leaves it once however often it is told that it is hidden', () => {
    const given = setUp();
    given.live();
    given.change({ hidden: true });
    vi.advanceTimersByTime(6 * SECOND);
    given.change({ hidden: true });
    vi.advanceTimersByTime(4 * SECOND);
    expect(given.last().closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('leaves also one that has not answered yet, and one that is tried again', () => {
    const given = setUp();
    given.listen();
    vi.advanceTimersByTime(5 * SECOND);
    given.change({ hidden: true });
    // No answer after 10 s, tried again, and left in the middle of that.
    vi.advanceTimersByTime(10 * SECOND);
    expect(given.streams.map(({ closed }) => closed)).toEqual([true, true]);
    given.change({ hidden: false });
    given.last().handlers.onError(new Error('no server'));
    given.change({ hidden: true });
    // Fails once more a moment before it is left: nothing is tried after that.
    vi.advanceTimersByTime(9999);
    given.last().handlers.onError(new Error('no server'));
    const opened = given.streams.length;
    vi.advanceTimersByTime(600 * SECOND);
    expect(given.streams).toHaveLength(opened);
    expect(given.store.getStatus()).toMatchObject(AWAY);
  });

  test('that finds no server when it is seen says so as one that has just lost it', () => {
    const given = setUpAway();
    vi.advanceTimersByTime(3600 * SECOND);
    given.change({ hidden: false });
    given.last().handlers.onError(new Error('no server'));
    expect(given.store.getStatus()).toMatchObject({ state: 'connecting', since: 3610 * SECOND });
    vi.advanceTimersByTime(500);
    given.last().handlers.onError(new Error('no server'));
    expect(given.store.getStatus()).toMatchObject({ state: 'offline', since: 3610 * SECOND });
    vi.advanceTimersByTime(500);
    expect(given.last().input).toEqual({ lastEventId: 'p1' });
  });

  test('that was offline begins anew when it is seen, and does not say Offline of what it has not tried', () => {
    const given = setUp();
    given.live();
    for (let attempt = 0; attempt < 3; attempt++) {
      given.last().handlers.onError(new Error('no server'));
      vi.advanceTimersByTime(500);
    }
    expect(given.state()).toBe('offline');
    given.change({ hidden: true });
    vi.advanceTimersByTime(10 * SECOND);
    expect(given.store.getStatus()).toMatchObject(AWAY);
    given.change({ hidden: false });
    const status = { state: 'connecting', reason: 'Opening the connection', since: 11.5 * SECOND };
    expect(given.store.getStatus()).toMatchObject(status);
  });

  test('hastens nothing by being hidden', () => {
    const given = setUp();
    given.live();
    given.last().handlers.onError(new Error('gone'));
    given.change({ hidden: true });
    expect(given.streams).toHaveLength(1);
    vi.advanceTimersByTime(500);
    expect(given.streams).toHaveLength(2);
  });

  test('keeps it for as long as it is told, or for ever', () => {
    const brief = setUp({ hiddenMs: 0 });
    const faithful = setUp({ hiddenMs: Infinity, silenceMs: Infinity });
    for (const given of [brief, faithful]) {
      given.live();
      given.change({ hidden: true });
    }
    vi.advanceTimersByTime(0);
    expect(brief.last().closed).toBe(true);
    vi.advanceTimersByTime(24 * 3600 * SECOND);
    expect(faithful.last().closed).toBe(false);
    expect(faithful.state()).toBe('live');
  });

  test('uses the clock it is given', () => {
    const scheduled: number[] = [];
    const given = setUp({
      hiddenMs: 1234,
      now: () => 42,
      schedule(_callback, ms) {
        scheduled.push(ms);
        return () => undefined;
      },
    });
    given.live();
    given.change({ hidden: true });
    expect(scheduled.at(-1)).toBe(1234);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a page that opens in the background', () => {
  test('opens no stream before it is seen', () => {
    const given = setUp();
    given.change({ hidden: true });
    given.listen();
    vi.advanceTimersByTime(600 * SECOND);
    expect(given.streams).toHaveLength(0);
    expect(given.store.getStatus()).toMatchObject({ ...AWAY, since: 0 });
    given.change({ hidden: false });
    expect(given.last().input).toEqual({});
    given.send({ channel: 'position' });
    expect(given.state()).toBe('live');
    expect(given.resyncs).toEqual([{ reason: 'opened' }]);
    given.change({ hidden: true });
    vi.advanceTimersByTime(10 * SECOND);
    expect(given.last().closed).toBe(true);
  });

  test('opens one when hidden pages keep theirs', () => {
    const given = setUp({ hiddenMs: Infinity });
    given.change({ hidden: true });
    given.live();
    expect(given.streams).toHaveLength(1);
  });

  test('in StrictMode, where all listeners come twice, opens one when it is seen', () => {
    const given = setUp();
    given.change({ hidden: true });
    given.listen()();
    given.listen();
    vi.advanceTimersByTime(5 * SECOND);
    expect(given.streams).toHaveLength(0);
    given.change({ hidden: false });
    expect(given.streams).toHaveLength(1);
    expect(given.watchers.size).toBe(1);
  });

  test('opens none for a sign-in of another tab either, before it is seen', () => {
    const given = setUp();
    given.live();
    given.store.close();
    given.change({ hidden: true });
    given.store.restart();
    vi.advanceTimersByTime(600 * SECOND);
    expect(given.streams).toHaveLength(1);
    expect(given.store.getStatus()).toMatchObject(AWAY);
    given.change({ hidden: false });
    expect(given.last().input).toEqual({});
    expect(given.streams).toHaveLength(2);
  });
});

describe('while it is away', () => {
  test('signing out is said at once, and being seen opens nothing', () => {
    const given = setUpAway();
    given.store.close();
    expect(given.state()).toBe('signed out');
    expect(given.ends).toEqual(['You are signed out']);
    given.change({ hidden: false });
    expect(given.streams).toHaveLength(1);
    expect(given.state()).toBe('signed out');
  });

  test.each([
    ['UNAUTHORIZED', 'signed out', 'Your session has ended; sign in again'],
    ['FORBIDDEN', 'offline', 'The server refused the connection: no'],
  ] as const)('access ends: %s is heard when it is seen, and is final', (code, state, reason) => {
    const given = setUpAway();
    given.change({ hidden: false });
    given.last().handlers.onError(trpcError(code));
    expect(given.store.getStatus()).toMatchObject({ state, reason });
    expect(given.ends).toEqual([reason]);
    given.change({ hidden: true });
    vi.advanceTimersByTime(600 * SECOND);
    given.change({ hidden: false });
    expect(given.store.getStatus()).toMatchObject({ state, reason });
    expect(given.streams).toHaveLength(2);
  });

  test('a refusal from the moments before it left stands', () => {
    const given = setUp();
    given.live();
    given.change({ hidden: true });
    given.last().handlers.onError(trpcError('UNAUTHORIZED'));
    vi.advanceTimersByTime(600 * SECOND);
    expect(given.state()).toBe('signed out');
    given.change({ hidden: false });
    expect(given.streams).toHaveLength(1);
  });

  test('what the stream it left still says is not heard', () => {
    const given = setUpAway();
    given.last().handlers.onData({ id: 'late', data: role(1) });
    given.last().handlers.onError(trpcError('UNAUTHORIZED'));
    expect(given.heard).toEqual([]);
    expect(given.store.getStatus()).toMatchObject(AWAY);
    given.change({ hidden: false });
    expect(given.last().input).toEqual({ lastEventId: 'p1' });
  });

  test('its last listener leaves: being seen opens nothing, and nothing is left behind', () => {
    const given = setUpAway();
    given.remove();
    vi.advanceTimersByTime(SECOND);
    expect(given.watchers.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    given.change({ hidden: false });
    expect(given.streams).toHaveLength(1);
    given.live();
    expect(given.last().input).toEqual({});
  });

  test('a listener comes: it is told with the others once the page is seen', () => {
    const given = setUpAway();
    given.listen();
    vi.advanceTimersByTime(60 * SECOND);
    expect(given.streams).toHaveLength(1);
    given.change({ hidden: false });
    given.send({ channel: 'resync', reason: 'unknown-position' });
    expect(given.resyncs.map(({ reason }) => reason)).toEqual([
      'opened',
      'unknown-position',
      'unknown-position',
    ]);
  });
});

test.each([false, true])(
  'left by its last listener before it leaves (signed out: %s): no timer stays',
  (out) => {
    const given = setUp();
    const remove = given.live();
    given.change({ hidden: true });
    if (out) given.store.close();
    remove();
    vi.advanceTimersByTime(SECOND);
    expect(given.watchers.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  },
);
