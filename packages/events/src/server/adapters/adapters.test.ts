import { isTrackedEnvelope } from '@trpc/server';
import { describe, expect, test } from 'vitest';

import { tcpProxy } from '../../testing/tcp-proxy.ts';
import { createApplication, HEARTBEAT } from './application.ts';
import {
  type Changes,
  listenTo,
  live,
  plainClient,
  transformingClient,
  webSocketClient,
  until,
} from './client.ts';
import { lesserHosts, type Mount, mounts, webSocket } from './mounts.ts';

interface Wire {
  readonly router: 'plain' | 'transforming';
  client(port: number, person?: string): { readonly changes: Changes };
}

const json: Wire = { router: 'plain', client: plainClient };
const wires: Readonly<Record<string, Wire>> = {
  'as JSON': json,
  'through superjson': { router: 'transforming', client: transformingClient },
};

/** The application behind the adapter; every test proves that nobody is left on its hub. */
async function serving(mount: Mount, wire: Wire) {
  const application = createApplication();
  const router = application[wire.router];
  let mounted = await mount(router, 0);
  const { port } = mounted;
  return {
    ...application,
    port,
    changes: (person?: string, at = port) => wire.client(at, person).changes,
    async stop() {
      await mounted.close();
    },
    async start() {
      mounted = await mount(router, port);
    },
    async [Symbol.asyncDispose]() {
      await until(() => expect(application.hub.subscriberCount).toBe(0));
      expect(application.hub.topicCount).toBe(0);
      expect(application.errors).toEqual([]);
      await mounted.close();
    },
  };
}

function refusal(code: string, message: unknown): unknown {
  return expect.objectContaining({
    name: 'TRPCClientError',
    data: expect.objectContaining({ code, path: 'changes' }),
    message,
  });
}

const overHttp = Object.entries(mounts).flatMap(([adapter, mount]) =>
  Object.entries(wires).map(([how, wire]) => ({ way: `${adapter}, ${how}`, mount, wire })),
);
const overWebSocket = {
  way: 'WebSocket',
  mount: webSocket,
  wire: { router: 'plain', client: webSocketClient },
} satisfies { way: string; mount: Mount; wire: Wire };

describe.each([...overHttp, overWebSocket])('$way', ({ mount, wire }) => {
  test('begins with a position, then brings the events as they were published, each with its id', async () => {
    await using server = await serving(mount, wire);
    using stream = listenTo(server.changes('bob'));
    await stream.stands();
    const published = Array.from({ length: 50 }, (_, i) => server.note((i % 2) + 1, `text ${i}`));
    await until(() => expect(stream.frames).toHaveLength(51));
    expect(stream.data()).toEqual([
      { channel: 'position', contract: expect.any(Object), now: expect.any(Number) },
      ...published,
    ]);
    expect(new Set(stream.frames.map(({ id }) => id)).size).toBe(51);
    expect(server.seen).toEqual(['changes for bob']);
    expect(stream.errors).toEqual([]);
  });

  test('brings a viewer nothing that is not theirs, and only the channels asked for', async () => {
    await using server = await serving(mount, wire);
    using all = listenTo(server.changes('ada'));
    using some = listenTo(server.changes('bob'), { channels: ['members'] });
    await Promise.all([all.stands(), some.stands()]);
    server.note(2, 'not for Ada');
    const note = server.note(1, 'for both');
    const left = server.leave('bob', 2);
    const last = server.note(1, 'the last one');
    await until(() => expect(all.data().slice(1)).toEqual([note, last]));
    await until(() => expect(some.data().slice(1)).toEqual([left]));
  });

  test('takes the position back as input, and answers it with a resync', async () => {
    await using server = await serving(mount, wire);
    using stream = listenTo(server.changes('ada'), { lastEventId: 'somewhere' });
    await until(() =>
      expect(stream.data()).toEqual([
        expect.objectContaining({ channel: 'resync', reason: 'unknown-position' }),
      ]),
    );
  });

  test('refuses those who have not signed in, and the store does not ask again', async () => {
    await using server = await serving(mount, wire);
    using stream = listenTo(server.changes());
    await until(() => expect(stream.errors).toEqual([refusal('UNAUTHORIZED', 'Sign in first.')]));
    using page = live(server.changes());
    await page.becomes('signed out');
    expect(stream.frames).toEqual([]);
    expect(server.seen).toEqual(['changes for nobody', 'changes for nobody']);
  });

  test('refuses a channel that is not there, by its name', async () => {
    await using server = await serving(mount, wire);
    // As an older page, or a stranger, asks.
    using stream = listenTo(server.changes('ada'), { channels: ['nosuch' as 'notes'] });
    const message = expect.stringContaining('is not defined. Defined: notes, members.');
    await until(() => expect(stream.errors).toEqual([refusal('BAD_REQUEST', message)]));
  });

  test('tells why it ends when a right that it names is withdrawn', async () => {
    await using server = await serving(mount, wire);
    using stream = listenTo(server.changes('bob'), { team: 2 });
    using refused = listenTo(server.changes('ada'), { team: 2 });
    await stream.stands();
    const note = server.note(2, 'the last one that Bob may read');
    await until(() => expect(stream.data()).toContainEqual(note));
    server.leave('bob', 2);
    server.note(2, 'not for Bob any more');
    const forbidden = [refusal('FORBIDDEN', 'You do not belong to team 2.')];
    await until(() => expect(stream.errors).toEqual(forbidden));
    await until(() => expect(refused.errors).toEqual(forbidden));
    expect(stream.data().slice(1)).toEqual([note]);
    expect(refused.frames).toEqual([]);
  });

  test('ends with the session, and the store says so', async () => {
    await using server = await serving(mount, wire);
    using page = live(server.changes('ada'));
    using stream = listenTo(server.changes('ada'));
    await Promise.all([page.becomes('live'), stream.stands()]);
    server.remove('ada');
    await page.becomes('signed out');
    expect(page.store.getStatus().reason).toBe('Your session has ended; sign in again');
    const message = 'Sign in to hear what changes.';
    await until(() => expect(stream.errors).toEqual([refusal('UNAUTHORIZED', message)]));
  });

  test('leaves the hub when its client goes', async () => {
    await using server = await serving(mount, wire);
    using stays = listenTo(server.changes('ada'));
    const goes = listenTo(server.changes('bob'));
    await Promise.all([stays.stands(), goes.stands()]);
    expect(server.hub.subscriberCount).toBe(2);
    goes[Symbol.dispose]();
    await until(() => expect(server.hub.subscriberCount).toBe(1));
    const note = server.note(1, 'for those who stayed');
    await until(() => expect(stays.data()).toContainEqual(note));
    expect(goes.errors).toEqual([]);
  });

  test('a store outlasts a restart of the server, and comes back with its position', async () => {
    await using server = await serving(mount, wire);
    using page = live(server.changes('ada'));
    await page.becomes('live');
    const before = server.note(1, 'before');
    await until(() => expect(page.heard).toEqual([before]));
    await server.stop();
    await page.becomes('offline');
    await until(() => expect(server.hub.subscriberCount).toBe(0));
    const meanwhile = server.note(1, 'meanwhile');
    await server.start();
    await page.becomes('live');
    const after = server.note(1, 'after');
    await until(() => expect(page.heard).toEqual([before, meanwhile, after]));
    // It has missed nothing, so there was nothing to fetch again.
    expect(page.resyncs).toEqual(['opened']);
  });
});

describe.each(Object.entries(mounts))('%s', (_, mount) => {
  test('heartbeats keep a quiet stream open, and their absence is noticed', async () => {
    await using server = await serving(mount, json);
    await using proxy = await tcpProxy(server.port);
    using page = live(server.changes('ada', proxy.port));
    await page.becomes('live');
    const enough = proxy.answered() + (1.5 * HEARTBEAT.missedAfter) / HEARTBEAT.every;
    await until(() => expect(proxy.answered()).toBeGreaterThan(enough));
    expect(page.resyncs).toEqual(['opened']);
    proxy.goSilent();
    await until(() => expect(page.store.getStatus().state).not.toBe('live'));
    expect(page.reasons).toContain('Nothing was heard from the server for a while; trying again');
    proxy.speak();
    await page.becomes('live');
    // It came back with its position, and has missed nothing.
    expect(page.resyncs).toEqual(['opened']);
  });

  test('its answer tells proxies to let every piece through', async () => {
    await using server = await serving(mount, json);
    const controller = new AbortController();
    const { status, headers } = await fetch(`http://127.0.0.1:${server.port}/trpc/changes`, {
      headers: { authorization: 'Bearer ada' },
      signal: controller.signal,
    });
    controller.abort();
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
  });
});

test.each(Object.entries(lesserHosts))('%s lets its clients leave the hub', async (_, mount) => {
  await using server = await serving(mount, json);
  using stream = listenTo(server.changes('ada'));
  await stream.stands();
  expect(server.hub.subscriberCount).toBe(1);
  // Nothing is published that would wake the stream up.
  stream[Symbol.dispose]();
  await until(() => expect(server.hub.subscriberCount).toBe(0));
});

test('over a WebSocket, whoever signs in after another gets a stream of their own', async () => {
  await using server = await serving(webSocket, json);
  let person = 'ada';
  using page = live(webSocketClient(server.port, () => person).changes);
  await page.becomes('live');
  page.store.close();
  await until(() => expect(server.hub.subscriberCount).toBe(0));
  person = 'bob';
  page.store.restart();
  await page.becomes('live');
  expect(server.seen).toEqual(['changes for ada', 'changes for bob']);
});

test('a caller on the server gets the same stream as an iterable', async () => {
  const application = createApplication();
  const leaving = new AbortController();
  const caller = application.createCaller({ person: 'ada' }, { signal: leaving.signal });
  const stream = await caller.changes();
  const frames = stream[Symbol.asyncIterator]();
  const next = async () => {
    const { value } = await frames.next();
    // tRPC types what its client makes of it; here it is still the envelope.
    return isTrackedEnvelope(value) ? { id: value[0], data: value[1] } : value;
  };
  expect(await next()).toMatchObject({ data: { channel: 'position' } });
  const note = application.note(1, 'for Ada');
  expect(await next()).toEqual({ id: expect.any(String), data: note });
  leaving.abort();
  expect(await next()).toBeUndefined();
  expect(application.hub.subscriberCount).toBe(0);
});
