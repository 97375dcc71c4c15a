import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { sharedSource } from './shared-source.ts';
import { shareStream } from './shared-worker.ts';
import type { Frame, LiveHandlers, LiveSource } from './source.ts';
import { createLiveStore, type LiveStoreOptions } from './store.ts';
import type { Surroundings } from './surroundings.ts';

interface Row {
  readonly channel: 'rows';
  readonly seq: number;
}

const closing: (() => void)[] = [];
beforeEach(() => void vi.stubGlobal('SharedWorker', EventTarget));
afterEach(() => {
  for (const close of closing.splice(0)) close();
  vi.unstubAllGlobals();
});

/** The server's end of the stream, for a test to speak for. */
function server() {
  const openings: (string | undefined)[] = [];
  let open: LiveHandlers<Row> | undefined;
  const source: LiveSource<Row> = {
    open({ lastEventId }, handlers) {
      openings.push(lastEventId);
      open = handlers;
      return () => {
        if (open === handlers) open = undefined;
      };
    },
  };
  const say = (frame: Frame<Row>) => open?.onData(frame);
  return {
    source,
    openings,
    isOpen: () => open !== undefined,
    position: (id: string) => say({ id, data: { channel: 'position', contract: { rows: '1' } } }),
    /** A position from later on, after so many frames. */
    positionAfter: (sent: number, id: string) => say({ id, data: { channel: 'position', sent } }),
    row: (id: string, seq: number) => say({ id, data: { channel: 'rows', seq } }),
    fail: (error: unknown) => open?.onError(error),
  };
}

/** What a page sees of the browser; `turn` changes it. */
function view(): Surroundings & { turn(hidden: boolean): void } {
  let isHidden = false;
  const listeners = new Set<() => void>();
  return {
    isOnline: () => true,
    isHidden: () => isHidden,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    turn(hidden) {
      isHidden = hidden;
      for (const listener of listeners) listener();
    },
  };
}

type Connect = () => Pick<SharedWorker, 'port' | 'addEventListener'>;

/** A worker that does not answer. */
const nobody: Connect = () => ({ port: new MessageChannel().port1, addEventListener() {} });

/** A browser with one worker; `openPage` opens another page of it. */
function browser(options: Partial<Parameters<typeof shareStream<Row>>[0]> = {}) {
  const remote = server();
  const stream = shareStream<Row>({
    source: remote.source,
    backoff: { min: 1, max: 5 },
    lingerMs: 10,
    ...options,
  });

  function worker() {
    const { port1, port2 } = new MessageChannel();
    stream.connect(port2);
    closing.push(() => port1.close());
    return { port: port1, addEventListener() {} };
  }

  function openPage(more: Partial<LiveStoreOptions<Row>> = {}, connect: Connect = worker, workerMs?: number) {
    const surroundings = view();
    const heard: number[] = [];
    const resyncs: string[] = [];
    const ends: string[] = [];
    let port: MessagePort | undefined;
    let isDead = false;
    const shared = sharedSource<Row>({
      worker() {
        const made = isDead ? nobody() : connect();
        port = made.port;
        return made;
      },
      source: remote.source,
      surroundings,
      ...(workerMs !== undefined && { workerMs }),
      ...(options.locks && { locks: options.locks }),
    });
    const store = createLiveStore<Row>({ ...shared, surroundings, lingerMs: 1, ...more });
    const remove = store.addListener({
      onEvent: ({ seq }) => void heard.push(seq),
      onResync: ({ reason }) => void resyncs.push(reason),
      onEnd: (reason) => void ends.push(reason),
    });
    closing.push(remove);
    const isLive = () => vi.waitFor(() => expect(store.getStatus().state).toBe('live'));
    /** What it does afterwards has no effect, as if it did nothing. */
    const die = (how: () => unknown = () => port?.close()) => {
      isDead = true;
      return how();
    };
    return { store, remove, heard, resyncs, ends, isLive, surroundings, die };
  }

  return { remote, openPage, worker };
}

const hears = (page: { heard: number[] }, ...seqs: number[]) =>
  vi.waitFor(() => expect(page.heard).toEqual(seqs));

test('twelve pages hear one stream, and go on hearing it when the one that opened it is closed', async () => {
  const { remote, openPage } = browser();
  const pages = Array.from({ length: 12 }, () => openPage());
  await vi.waitFor(() => expect(remote.openings).toEqual([undefined]));
  remote.position('a');
  await Promise.all(pages.map(({ isLive }) => isLive()));
  remote.row('b', 1);
  await Promise.all(pages.map((page) => hears(page, 1)));

  pages[0]?.remove();
  pages[1]?.die();
  remote.row('c', 2);
  await Promise.all(pages.slice(2).map((page) => hears(page, 1, 2)));
  expect(pages[0]?.heard).toEqual([1]);
  expect(remote.openings).toEqual([undefined]);
});

test('a page that joins is live once it has a position and what the server said, and reads anew', async () => {
  const { remote, openPage } = browser();
  const first = openPage();
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  remote.row('b', 1);
  await hears(first, 1);
  const second = openPage({ contract: { rows: '2' } });
  await second.isLive();
  expect(second.resyncs).toEqual(['opened']);
  expect(second.heard).toEqual([]);
  expect(second.store.getStatus().outdated).toEqual(['rows']);
  expect(first.resyncs).toEqual(['opened']);
});

test('a stream that was lost is resumed once, and every page gets what it missed, without reading anew', async () => {
  const { remote, openPage } = browser();
  const pages = [openPage(), openPage()];
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  remote.row('a', 1);
  await Promise.all(pages.map((page) => hears(page, 1)));
  remote.fail(new Error('gone'));
  await vi.waitFor(() => expect(remote.openings).toEqual([undefined, 'a']));
  // The batch that it broke off in comes again, before the pages are back and after.
  remote.position('a');
  remote.row('a', 1);
  remote.row('b', 2);
  await Promise.all(pages.map(({ isLive }) => isLive()));
  remote.row('c', 3);
  await Promise.all(pages.map((page) => hears(page, 1, 2, 3)));
  expect(pages.map(({ resyncs }) => resyncs)).toEqual([['opened'], ['opened']]);
});

test('while the server is away, a page that comes is told so at once', async () => {
  const { remote, openPage } = browser({ backoff: { min: 60_000, max: 60_000 } });
  const first = openPage();
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  await first.isLive();
  remote.fail(new Error('gone'));
  await vi.waitFor(() => expect(first.store.getStatus().state).not.toBe('live'));
  const second = openPage();
  await vi.waitFor(() =>
    expect(second.store.getStatus().reason).toContain('Trying to reach the server again'),
  );
  expect(remote.openings).toEqual([undefined]);
});

test('an error that cannot pass reaches every page with its code; who asks again opens one new stream', async () => {
  const { remote, openPage } = browser();
  const pages = [openPage(), openPage()];
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  await Promise.all(pages.map(({ isLive }) => isLive()));
  remote.fail(Object.assign(new Error('Your session has ended'), { data: { code: 'UNAUTHORIZED' } }));
  await vi.waitFor(() =>
    expect(pages.map(({ store }) => store.getStatus().state)).toEqual(['signed out', 'signed out']),
  );
  expect(pages.map(({ ends }) => ends.length)).toEqual([1, 1]);
  expect(remote.isOpen()).toBe(false);
  for (const { store } of pages) store.restart();
  await vi.waitFor(() => expect(remote.openings).toEqual([undefined, undefined]));
  remote.position('x');
  await Promise.all(pages.map(({ isLive }) => isLive()));
});

test('it leaves its stream when nobody sees any of its pages, and resumes it when one is seen', async () => {
  const { remote, openPage } = browser({ hiddenMs: 0 });
  const pages = [openPage(), openPage()];
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  await Promise.all(pages.map(({ isLive }) => isLive()));
  pages[0]?.surroundings.turn(true);
  remote.row('b', 1);
  await Promise.all(pages.map((page) => hears(page, 1)));
  expect(remote.isOpen()).toBe(true);

  pages[1]?.surroundings.turn(true);
  await vi.waitFor(() => expect(remote.isOpen()).toBe(false));
  pages[0]?.surroundings.turn(false);
  await vi.waitFor(() => expect(remote.openings).toEqual([undefined, 'b']));
  remote.position('b');
  remote.row('c', 2);
  await Promise.all(pages.map((page) => hears(page, 1, 2)));
  expect(pages.map(({ resyncs }) => resyncs)).toEqual([['opened'], ['opened']]);
});

test('it leaves its stream with the last page, also with one that could not say so', async () => {
  const { remote, openPage } = browser();
  const pages = [openPage(), openPage()];
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  await Promise.all(pages.map(({ isLive }) => isLive()));
  pages[0]?.remove();
  pages[1]?.die();
  await vi.waitFor(() => expect(remote.isOpen()).toBe(false));
  const next = openPage();
  await vi.waitFor(() => expect(remote.openings).toEqual([undefined, undefined]));
  remote.position('b');
  await next.isLive();
});

/** Web Locks whose holders can be made to die. */
function mortalLocks() {
  const held: string[] = [];
  const waiting = new Map<string, () => void>();
  const request = (name: string, ...rest: unknown[]) => {
    const granted = rest.at(-1) as () => unknown;
    if (held.includes(name))
      return new Promise<void>((resolve) => waiting.set(name, () => resolve(void granted())));
    held.push(name);
    return Promise.resolve(granted());
  };
  return {
    locks: { request } as unknown as LockManager,
    held,
    kill: (index: number) =>
      vi
        .waitFor(() => expect(waiting.get(held[index] ?? '')).toBeDefined())
        .then(() => waiting.get(held[index] ?? '')?.()),
  };
}

test('a page that died, and could not say so, is missed by its lock', async () => {
  const { locks, kill } = mortalLocks();
  const { remote, openPage } = browser({ locks });
  const page = openPage();
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  await page.isLive();
  // The worker's is the first, the page's the second.
  await page.die(() => kill(1));
  await vi.waitFor(() => expect(remote.isOpen()).toBe(false));
});

test('a worker that died, with the process of another page, is missed by its lock and made anew', async () => {
  const { locks, held, kill } = mortalLocks();
  const { remote, openPage } = browser({ locks });
  const page = openPage();
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  await page.isLive();
  await kill(0);
  await vi.waitFor(() => expect(held).toHaveLength(4));
  remote.position('b');
  await page.isLive();
  remote.row('c', 1);
  await hears(page, 1);
});

test('without SharedWorker a page has the stream itself', () => {
  vi.stubGlobal('SharedWorker', undefined);
  const { source } = server();
  expect(sharedSource({ worker: () => expect.fail(), source })).toEqual({ source });
});

test('a worker that cannot be made leaves the page with a stream of its own, and says so', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { remote, openPage } = browser();
  const page = openPage({}, () => {
    throw new Error('not allowed');
  });
  await vi.waitFor(() => expect(remote.openings).toEqual([undefined]));
  remote.position('a');
  await page.isLive();
  expect(said).toHaveBeenCalledTimes(1);
});

test('a worker that could not be loaded: likewise', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { remote, openPage } = browser();
  const page = openPage({}, () => ({
    port: new MessageChannel().port1,
    addEventListener: (_type: string, listener: unknown) => queueMicrotask(listener as () => void),
  }));
  await vi.waitFor(() => expect(remote.openings).toEqual([undefined]));
  remote.position('a');
  await page.isLive();
  expect(said).toHaveBeenCalledTimes(1);
});

test('a worker that does not answer is made anew once, and then done without', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { remote, openPage } = browser();
  const connect = vi.fn(nobody);
  const page = openPage({}, connect, 100);
  await vi.waitFor(() => expect(remote.openings).toEqual([undefined]));
  remote.position('a');
  await page.isLive();
  expect(connect).toHaveBeenCalledTimes(2);
  expect(said).toHaveBeenCalledTimes(1);
});

test('a port that was closed is made anew, and the page goes on where it was', async () => {
  const { remote, openPage, worker } = browser();
  openPage();
  const ends: MessagePort[] = [];
  const page = openPage({}, () => {
    const made = worker();
    ends.push(made.port);
    return made;
  });
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  remote.row('b', 1);
  await hears(page, 1);
  ends[0]?.close();
  await vi.waitFor(() => expect(ends).toHaveLength(2));
  remote.row('c', 2);
  await hears(page, 1, 2);
  expect(page.resyncs).toEqual(['opened']);
});

/** A port over which the message that brings this row gets lost, once. */
function losing(seq: number, { port: inner }: ReturnType<Connect>): Connect {
  const { port1, port2 } = new MessageChannel();
  let isLost = false;
  // oxlint-disable unicorn/require-post-message-target-origin -- ports have none
  port2.addEventListener('message', ({ data }) => inner.postMessage(data));
  inner.addEventListener('message', ({ data }: MessageEvent<{ frames?: Frame<Row>[] }>) => {
    const brings = data.frames?.some((frame) => 'seq' in frame.data && frame.data.seq === seq) ?? false;
    if (!brings || isLost) port2.postMessage(data);
    else isLost = true;
  });
  // oxlint-enable unicorn/require-post-message-target-origin
  for (const port of [port2, inner]) port.start();
  closing.push(() => port2.close());
  return () => ({ port: port1, addEventListener() {} });
}

test('a page whose port lost something starts over; the other pages and the stream go on', async () => {
  const { remote, openPage, worker } = browser();
  const other = openPage();
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  remote.row('b', 1);
  await hears(other, 1);
  // It joins later: what it was sent is not what the worker was.
  const page = openPage({}, losing(3, worker()));
  await page.isLive();
  remote.positionAfter(2, 'b');
  remote.row('c', 2);
  await hears(page, 2);
  remote.positionAfter(4, 'c');
  remote.row('d', 3);
  remote.row('e', 4);
  remote.positionAfter(7, 'f');
  await vi.waitFor(() => expect(page.resyncs).toEqual(['opened', 'opened']));
  expect(page.heard).toEqual([2, 4]);
  expect(other.heard).toEqual([1, 2, 3, 4]);
  expect(other.resyncs).toEqual(['opened']);
  expect(remote.openings).toEqual([undefined]);
});

test('a page whose port lost the last goes on from before it', async () => {
  const { remote, openPage, worker } = browser({ lingerMs: 1_000 });
  const page = openPage({}, losing(1, worker()));
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  await page.isLive();
  remote.row('b', 1);
  remote.positionAfter(2, 'b');
  await hears(page, 1);
  await page.isLive();
  expect(page.resyncs).toEqual(['opened']);
  expect(remote.openings).toEqual([undefined]);
});

test('a worker that lost something has all its pages go on from before it', async () => {
  const { remote, openPage } = browser();
  const pages = [openPage(), openPage()];
  await vi.waitFor(() => expect(remote.isOpen()).toBe(true));
  remote.position('a');
  await Promise.all(pages.map(({ isLive }) => isLive()));
  remote.positionAfter(2, 'b');
  await vi.waitFor(() => expect(remote.openings).toEqual([undefined, 'a']));
  remote.position('a');
  remote.row('b', 1);
  await Promise.all(pages.map((page) => hears(page, 1)));
  await Promise.all(pages.map(({ isLive }) => isLive()));
  for (const { resyncs } of pages) expect(resyncs).toEqual(['opened']);
});
