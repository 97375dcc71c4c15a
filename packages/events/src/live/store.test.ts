import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { role, setUp, trpcError, type AppEvent, type Opened } from '../testing-helpers/live-store.ts';
import type { Resync } from './listeners.ts';
import type { LiveHandlers } from './source.ts';
import { createLiveStore } from './store.ts';

const SECOND = 1000;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the stream', () => {
  test('opens with the first listener and closes, a moment later, with the last', () => {
    const given = setUp();
    expect(given.streams).toHaveLength(0);
    const removals = [given.listen(), given.listen(), given.listen()];
    expect(given.streams).toHaveLength(1);
    removals.forEach((remove) => remove());
    vi.advanceTimersByTime(SECOND - 1);
    expect(given.last().closed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(given.last().closed).toBe(true);
    expect(given.watchers.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('outlives an unmount that is followed by a mount', () => {
    const given = setUp();
    given.listen()();
    given.listen();
    vi.advanceTimersByTime(5 * SECOND);
    expect(given.streams).toHaveLength(1);
    expect(given.last().closed).toBe(false);
  });

  test('opened anew after everybody left asks for no position: all will be read anew', () => {
    const given = setUp();
    given.live()();
    vi.advanceTimersByTime(SECOND);
    given.listen();
    expect(given.last().input).toEqual({});
    expect(given.streams).toHaveLength(2);
  });

  test('a removal called twice removes once', () => {
    const given = setUp();
    const remove = given.listen();
    given.listen();
    remove();
    remove();
    vi.advanceTimersByTime(5 * SECOND);
    expect(given.last().closed).toBe(false);
  });

  test('a removal called twice after which somebody comes closes nothing', () => {
    const given = setUp();
    const remove = given.listen();
    remove();
    remove();
    given.listen();
    vi.advanceTimersByTime(5 * SECOND);
    expect(given.last().closed).toBe(false);
  });

  test('that fails while it is being opened is closed', () => {
    const closed = vi.fn<() => void>();
    const store = createLiveStore<AppEvent>({
      source: {
        open(_input, handlers) {
          handlers.onError(trpcError('UNAUTHORIZED'));
          return closed;
        },
      },
    });
    store.addListener({ onEvent: () => undefined });
    expect(closed).toHaveBeenCalledOnce();
    expect(store.getStatus().state).toBe('signed out');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is reopened for ever with its position, after pauses that grow to a cap', () => {
    const given = setUp();
    given.live();
    given.send(role(1));
    given.last().handlers.onError(new Error('gone'));
    for (let attempt = 0; attempt < 50; attempt++) {
      vi.advanceTimersByTime(500);
      expect(given.streams).toHaveLength(2 + attempt);
      expect(given.last().input).toEqual({ lastEventId: 'p2' });
      given.last().handlers.onError(new Error('still gone'));
    }
    given.streams.forEach(({ closed }) => expect(closed).toBe(true));
  });

  test.each([
    ['an error', (stream: Opened) => stream.handlers.onError(new Error('x'))],
    [
      'an error with a code that is not final',
      (stream: Opened) => stream.handlers.onError(trpcError('TIMEOUT')),
    ],
    ['completion', (stream: Opened) => stream.handlers.onComplete()],
    [
      'a lost connection that the transport would mend by itself',
      (stream: Opened) =>
        stream.handlers.onConnectionStateChange({ state: 'connecting', error: new Error('x') }),
    ],
    [
      'a connection that is being mended for no reason',
      (stream: Opened) => stream.handlers.onConnectionStateChange({ state: 'connecting', error: null }),
    ],
  ])('is reopened after %s', (_name, happens) => {
    const given = setUp();
    given.live();
    happens(given.last());
    expect(given.streams[0]?.closed).toBe(true);
    expect(given.state()).toBe('connecting');
    vi.advanceTimersByTime(500);
    expect(given.streams).toHaveLength(2);
  });

  test('that could not even be opened is tried again', () => {
    let tries = 0;
    const onError = vi.fn<() => void>();
    const store = createLiveStore<AppEvent>({
      source: {
        open() {
          tries += 1;
          throw new Error('no EventSource here');
        },
      },
      random: () => 0,
      onError,
    });
    store.addListener({ onEvent: () => undefined });
    vi.advanceTimersByTime(1000);
    expect(tries).toBe(3);
    expect(onError).toHaveBeenCalledTimes(3);
  });

  test('that was lost is not heard any more', () => {
    const given = setUp();
    given.live();
    const first = given.last();
    first.handlers.onComplete();
    first.handlers.onData({ id: 'late', data: role(1) });
    first.handlers.onError(new Error('late'));
    expect(given.heard).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(given.streams).toHaveLength(2);
    expect(given.last().input).toEqual({ lastEventId: 'p1' });
  });

  test('that stands only for moments does not reset the pauses; one that stood does', () => {
    const given = setUp();
    given.live();
    const pauses = (random: number) => {
      const before = given.streams.length;
      let waited = 0;
      while (given.streams.length === before) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      return waited + random;
    };
    given.last().handlers.onComplete();
    expect(pauses(0)).toBe(500);
    given.send({ channel: 'position' });
    given.last().handlers.onComplete();
    expect(given.state()).toBe('offline');
    vi.advanceTimersByTime(500);
    given.send({ channel: 'position' });
    vi.advanceTimersByTime(10 * SECOND);
    given.last().handlers.onComplete();
    expect(given.state()).toBe('connecting');
  });

  test('that does not answer in time counts as lost, and the reason says so', () => {
    const given = setUp();
    given.listen();
    given.last().handlers.onConnectionStateChange({ state: 'pending', error: null });
    vi.advanceTimersByTime(10 * SECOND);
    expect(given.streams[0]?.closed).toBe(true);
    expect(given.store.getStatus().reason).toContain('No answer from the server within 10 s');
    vi.advanceTimersByTime(500);
    expect(given.streams).toHaveLength(2);
    vi.advanceTimersByTime(10 * SECOND);
    expect(given.state()).toBe('offline');
  });

  test('whose heartbeats are missing is reopened, and the reason says so', () => {
    const given = setUp();
    given.live();
    const error = new Error('Timeout of 3000ms reached while waiting for a response');
    given.last().handlers.onConnectionStateChange({ state: 'connecting', error });
    expect(given.store.getStatus().reason).toContain('Nothing was heard from the server');
  });
});

describe('being live', () => {
  test('is said only once the first data frame came', () => {
    const given = setUp();
    given.listen();
    given.last().handlers.onConnectionStateChange({ state: 'pending', error: null });
    expect(given.state()).toBe('connecting');
    given.send({ channel: 'position' });
    expect(given.state()).toBe('live');
  });

  test('has everything fetched again that was fetched before, at every opening', () => {
    const given = setUp();
    given.live();
    expect(given.resyncs).toEqual([{ reason: 'opened' }]);
    given.last().handlers.onComplete();
    vi.advanceTimersByTime(500);
    given.send({ channel: 'resync', reason: 'unknown-position' });
    expect(given.resyncs).toEqual([{ reason: 'opened' }, { reason: 'unknown-position' }]);
    expect(given.state()).toBe('live');
  });

  test('waits for what is still being fetched: catching up', async () => {
    const given = setUp();
    const refetches = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    given.store.addListener({
      onEvent: () => undefined,
      onResync: ({ reason }) => refetches[reason === 'opened' ? 0 : 1].promise,
    });
    given.send({ channel: 'position' });
    expect(given.state()).toBe('catching up');
    given.send({ channel: 'resync', reason: 'gap' });
    refetches[0].resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(given.state()).toBe('catching up');
    refetches[1].resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(given.state()).toBe('live');
  });

  test('is not said of a stream that was lost while catching up', async () => {
    const given = setUp();
    const refetch = Promise.withResolvers<void>();
    given.store.addListener({ onEvent: () => undefined, onResync: () => refetch.promise });
    given.send({ channel: 'position' });
    given.last().handlers.onComplete();
    refetch.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(given.state()).toBe('connecting');
  });

  test('of a new stream does not wait for the refetches of one that was lost', () => {
    const given = setUp();
    const remove = given.store.addListener({
      onEvent: () => undefined,
      onResync: () => new Promise(() => {}),
    });
    given.listen();
    given.send({ channel: 'position' });
    expect(given.state()).toBe('catching up');
    remove();
    given.last().handlers.onComplete();
    vi.advanceTimersByTime(500);
    given.send({ channel: 'resync', reason: 'unknown-position' });
    expect(given.state()).toBe('live');
  });

  test('does not depend on a refetch that fails', async () => {
    const given = setUp();
    given.store.addListener({ onEvent: () => undefined, onResync: () => Promise.reject(new Error('x')) });
    given.send({ channel: 'position' });
    await vi.advanceTimersByTimeAsync(0);
    expect(given.state()).toBe('live');
    expect(given.onError).toHaveBeenCalledOnce();
  });

  test('a later position only moves the position', () => {
    const given = setUp();
    given.live();
    given.send({ channel: 'position' });
    expect(given.resyncs).toHaveLength(1);
    given.last().handlers.onComplete();
    vi.advanceTimersByTime(500);
    expect(given.last().input).toEqual({ lastEventId: 'p2' });
  });

  test('a frame that is no event is reported and harms nothing', () => {
    const given = setUp();
    given.live();
    given.last().handlers.onData({ id: 'x', data: undefined as unknown as AppEvent });
    expect(given.onError).toHaveBeenCalledOnce();
    given.send(role(1));
    expect(given.heard).toEqual([1]);
  });
});

describe('a listener', () => {
  test('hears its channels and its team, and what names no team', () => {
    const given = setUp();
    given.listen({ channels: ['role_changes'], teamId: 1 });
    given.send({ channel: 'position' });
    given.send(role(1));
    given.send(role(2, 2));
    given.send({ channel: 'profile_changes', seq: 3 });
    expect(given.heard).toEqual([1]);
    given.listen({ teamId: 2 });
    given.send({ channel: 'profile_changes', seq: 4 });
    given.send(role(5, 2));
    expect(given.heard).toEqual([1, 4, 5]);
  });

  test('may be told what an event’s team is', () => {
    const streams: LiveHandlers<AppEvent>[] = [];
    const store = createLiveStore<AppEvent>({
      source: { open: (_input, handlers) => (streams.push(handlers), () => undefined) },
      teamOf: (event) => (event.channel === 'profile_changes' ? event.seq : event.team_id),
    });
    const heard: number[] = [];
    store.addListener({ teamId: 7, onEvent: (event) => heard.push(event.seq) });
    streams[0]?.onData({ id: '1', data: { channel: 'profile_changes', seq: 6 } });
    streams[0]?.onData({ id: '2', data: { channel: 'profile_changes', seq: 7 } });
    expect(heard).toEqual([7]);
  });

  test('hears of a resync of its channels, not of others’', () => {
    const given = setUp();
    given.listen({ channels: ['role_changes'] });
    given.send({ channel: 'position' });
    given.send({ channel: 'resync', reason: 'truncated-table', channels: ['profile_changes'] });
    given.send({
      channel: 'resync',
      reason: 'truncated-table',
      channels: ['profile_changes', 'role_changes'],
    });
    given.send({ channel: 'resync', reason: 'gap' });
    expect(given.resyncs.map(({ reason }) => reason)).toEqual(['opened', 'truncated-table', 'gap']);
  });

  test('that throws is reported and harms no other', () => {
    const given = setUp();
    const fault = new Error('a fault in a listener');
    const fail = () => {
      throw fault;
    };
    given.store.addListener({ onEvent: fail, onResync: fail, onEnd: fail });
    given.live();
    given.send(role(1));
    given.store.close();
    expect(given.heard).toEqual([1]);
    expect(given.resyncs).toHaveLength(1);
    expect(given.ends).toHaveLength(1);
    expect(given.onError.mock.calls.map(([error]) => error)).toEqual([fault, fault, fault]);
  });

  test('that comes to a stream that stands already is told to read anew: it may know something from before', async () => {
    const given = setUp();
    given.live();
    const refetch = Promise.withResolvers<void>();
    const told: Resync[] = [];
    given.store.addListener({
      onEvent: () => undefined,
      onResync(resync) {
        told.push(resync);
        return refetch.promise;
      },
    });
    expect(told).toEqual([{ reason: 'opened' }]);
    expect(given.resyncs).toHaveLength(1);
    expect(given.state()).toBe('catching up');
    refetch.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(given.state()).toBe('live');
  });

  test('removed by another one during an event does not hear it, nor does one added by it', () => {
    const given = setUp();
    given.store.addListener({
      onEvent() {
        remove();
        given.listen();
      },
    });
    const remove = given.live();
    given.send(role(1));
    expect(given.heard).toEqual([]);
  });
});

describe('the status', () => {
  test('says since when: offline counts from the loss', () => {
    const given = setUp();
    given.live();
    vi.advanceTimersByTime(20 * SECOND);
    given.last().handlers.onComplete();
    expect(given.store.getStatus()).toMatchObject({ state: 'connecting', since: 20 * SECOND });
    vi.advanceTimersByTime(500);
    given.last().handlers.onError(new Error('x'));
    expect(given.store.getStatus()).toMatchObject({ state: 'offline', since: 20 * SECOND });
    vi.advanceTimersByTime(500);
    expect(given.state()).toBe('offline');
    given.send({ channel: 'position' });
    expect(given.store.getStatus()).toMatchObject({ state: 'live', since: 21 * SECOND });
  });

  test('tells when the last event came, at most once a second', () => {
    const given = setUp();
    given.live();
    const shown: (number | null)[] = [];
    given.store.subscribeStatus(() => shown.push(given.store.getStatus().lastEventAt));
    expect(given.store.getStatus().lastEventAt).toBeNull();
    vi.advanceTimersByTime(100);
    for (let seq = 0; seq < 150; seq++) {
      given.send(role(seq));
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(5 * SECOND);
    expect(shown).toEqual([100, 1090, 1590]);
  });

  test('keeps its identity while nothing changes, and tells nobody who left', () => {
    const given = setUp();
    given.live();
    const told = vi.fn<() => void>();
    given.store.subscribeStatus(told)();
    const before = given.store.getStatus();
    given.send({ channel: 'position' });
    expect(given.store.getStatus()).toBe(before);
    given.last().handlers.onComplete();
    expect(told).not.toHaveBeenCalled();
  });

  test('a status listener that throws is reported and harms no other', () => {
    const given = setUp();
    const told = vi.fn<() => void>();
    given.store.subscribeStatus(() => {
      throw new Error('x');
    });
    given.store.subscribeStatus(told);
    given.listen();
    expect(told).toHaveBeenCalled();
    expect(given.onError).toHaveBeenCalled();
  });
});

describe('the surroundings', () => {
  test('a device that goes offline closes the stream; back online, it is opened at once', () => {
    const given = setUp();
    given.live();
    given.change({ online: false });
    expect(given.last().closed).toBe(true);
    expect(given.store.getStatus()).toMatchObject({ state: 'offline', reason: 'This device is offline' });
    given.change({ online: true });
    expect(given.streams).toHaveLength(2);
    given.send({ channel: 'resync', reason: 'unknown-position' });
    expect(given.state()).toBe('live');
  });

  test('a device that wrongly says offline is not believed for ever', () => {
    const given = setUp();
    given.live();
    given.change({ online: false });
    vi.advanceTimersByTime(500);
    expect(given.store.getStatus().reason).toBe('This device is offline');
    given.send({ channel: 'resync', reason: 'unknown-position' });
    expect(given.state()).toBe('live');
  });

  test('a page that is seen again tries at once', () => {
    const given = setUp();
    given.live();
    given.change({ hidden: true });
    given.last().handlers.onComplete();
    given.change({ hidden: false });
    expect(given.streams).toHaveLength(2);
  });
});

describe('the end', () => {
  test('UNAUTHORIZED: signed out, and never tried again', () => {
    const given = setUp();
    given.live();
    given.last().handlers.onError(trpcError('UNAUTHORIZED'));
    expect(given.state()).toBe('signed out');
    expect(given.ends).toEqual(['Your session has ended; sign in again']);
    vi.advanceTimersByTime(600 * SECOND);
    given.change({ online: false });
    given.change({ online: true });
    given.listen();
    expect(given.streams).toHaveLength(1);
  });

  test.each(['FORBIDDEN', 'BAD_REQUEST', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'])(
    '%s: said plainly, and never tried again',
    (code) => {
      const given = setUp();
      given.listen();
      given.last().handlers.onError(trpcError(code, 'You are not in team 17'));
      expect(given.store.getStatus()).toMatchObject({
        state: 'offline',
        reason: 'The server refused the connection: You are not in team 17',
      });
      vi.advanceTimersByTime(600 * SECOND);
      expect(given.streams).toHaveLength(1);
    },
  );

  test('signing out closes the stream and tells the listeners; signing in begins from scratch', () => {
    const given = setUp();
    given.live();
    given.store.close();
    expect(given.last().closed).toBe(true);
    expect(given.store.getStatus()).toMatchObject({ state: 'signed out', reason: 'You are signed out' });
    expect(given.ends).toEqual(['You are signed out']);
    vi.advanceTimersByTime(600 * SECOND);
    expect(given.streams).toHaveLength(1);
    given.store.restart();
    expect(given.last().input).toEqual({});
    given.send({ channel: 'position' });
    expect(given.state()).toBe('live');
    expect(given.resyncs).toHaveLength(2);
  });

  test('signed out, it stays so when everybody leaves and somebody comes', () => {
    const given = setUp();
    const remove = given.live();
    given.store.close();
    remove();
    vi.advanceTimersByTime(5 * SECOND);
    given.listen();
    expect(given.streams).toHaveLength(1);
    expect(given.state()).toBe('signed out');
  });

  test('a restart of a stream that stands begins from scratch, too', () => {
    const given = setUp();
    given.live();
    given.store.restart();
    expect(given.streams[0]?.closed).toBe(true);
    expect(given.last().input).toEqual({});
    expect(given.state()).toBe('connecting');
  });

  test('signing in before anybody listens opens nothing yet', () => {
    const given = setUp();
    given.store.close();
    given.store.restart();
    expect(given.streams).toHaveLength(0);
    given.live();
  });
});

test('nothing grows with the number of events', () => {
  const given = setUp();
  const seqs: number[] = [];
  const remove = given.store.addListener({ onEvent: (event) => (seqs[0] = event.seq) });
  given.send({ channel: 'position' });
  for (let seq = 1; seq <= 10_000; seq++) given.send(role(seq));
  expect(seqs).toEqual([10_000]);
  // One timer shows the last event's time, one listens for silence; that is all that is kept.
  expect(vi.getTimerCount()).toBe(2);
  remove();
  vi.advanceTimersByTime(2 * SECOND);
  expect(vi.getTimerCount()).toBe(0);
});
