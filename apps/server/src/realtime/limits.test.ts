import { request } from 'node:http';

import { channels } from '@processflow/db';
import { testDatabase } from '@processflow/db/testing';
import { expect, test, vi } from 'vitest';

import { LONGEST_QUESTION } from './limits.ts';
import {
  addTeams,
  openPlain,
  openStream,
  startTestServer,
  type TestServerOptions,
  until,
} from './testing.ts';

async function serverWith(limits: NonNullable<TestServerOptions['limits']>) {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  await addTeams(database);
  const publicUrl = 'http://localhost:3000';
  const server = stack.use(await startTestServer(database, { limits, trustProxy: true, publicUrl }));
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(server.url + path, { method, headers });
  return { database, server, get, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** What tRPC's client would be told; the stream that says it is over by then. */
async function errorOf(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  const [, json] = /event: serialized-error\ndata: (.*)\n/.exec(text) ?? [];
  if (json === undefined) throw new Error(`No error in ${text}`);
  return JSON.parse(json) as Record<string, unknown>;
}

const from = (address: string) => ({ 'x-forwarded-for': `203.0.113.99, ${address}` });

test('streams at once, of one address: the next is refused before anybody asks who it is', async () => {
  await using world = await serverWith({ streamsPerAddress: 2 });
  const { server, get } = world;
  const ada = await server.signIn('ada', { 1: 'owner' });
  const bo = await server.signIn('bo', { 1: 'owner' });
  const first = await get('/api/realtime', { cookie: ada.cookie, ...from('192.0.2.1') });
  const second = await get('/api/trpc/realtime.changes', { cookie: bo.cookie, ...from('192.0.2.1') });
  expect([first.status, second.status]).toEqual([200, 200]);

  const getSession = vi.spyOn(server.services.auth.api, 'getSession');
  const plain = await get('/api/realtime', { cookie: bo.cookie, ...from('192.0.2.1') });
  expect(plain.status).toBe(429);
  expect(plain.headers.get('retry-after')).toBe('10');
  expect(await plain.json()).toEqual({
    message:
      'There are 2 live connections open from this network address, and no more than that at once. Close one, in another browser or a program that listens, then it works again.',
  });
  const trpc = await get('/api/trpc/realtime.changes', { cookie: bo.cookie, ...from('192.0.2.1') });
  expect(await errorOf(trpc)).toMatchObject({
    message: expect.stringContaining('2 live connections open from this network address'),
    data: { code: 'TOO_MANY_REQUESTS', limit: 'streams-per-address', retryAfterMs: 10_000 },
  });
  expect(getSession).not.toHaveBeenCalled();
  expect(server.limits.refused['streams-per-address']).toBe(2);

  // Other addresses are served, and this one again when a stream has ended, whichever way.
  const other = await get('/api/realtime', { cookie: bo.cookie, ...from('192.0.2.2') });
  expect(other.status).toBe(200);
  await second.body!.cancel();
  await vi.waitFor(async () => {
    const again = await get('/api/realtime', { cookie: bo.cookie, ...from('192.0.2.1') });
    expect(again.status).toBe(200);
  }, until);
  expect(server.hub.subscriberCount).toBe(3);
});

test('streams at once, of one viewer: whatever their session and address, and refused before the hub is asked', async () => {
  await using world = await serverWith({ streamsPerViewer: 2 });
  const { server, get } = world;
  const ada = await server.signIn('ada', { 1: 'owner' });
  const elsewhere = await server.signIn('ada');
  const bo = await server.signIn('bo', { 1: 'owner' });
  using first = openStream(server, ada);
  using second = openPlain(server, elsewhere);
  for (const stream of [first, second]) await stream.next({ channel: 'position' });
  const subscribe = vi.spyOn(server.hub, 'subscribe');
  const plain = await get('/api/realtime', { cookie: ada.cookie, ...from('192.0.2.9') });
  expect([plain.status, plain.headers.get('retry-after')]).toEqual([429, '10']);
  expect(await plain.json()).toEqual({
    message:
      'There are 2 live connections open from you, and no more than that at once. Close one, in another browser or a program that listens, then it works again.',
  });
  // Its input is not looked at either: this team is none of theirs.
  const trpc = await get(`/api/trpc/realtime.changes?input=${encodeURIComponent('{"teamId":"x"}')}`, {
    cookie: ada.cookie,
  });
  expect(await errorOf(trpc)).toMatchObject({
    data: { code: 'TOO_MANY_REQUESTS', limit: 'streams-per-viewer', retryAfterMs: 10_000 },
  });
  expect(subscribe).not.toHaveBeenCalled();
  expect(server.limits.refused['streams-per-viewer']).toBe(2);

  using others = openStream(server, bo);
  await others.next({ channel: 'position' });
  first[Symbol.dispose]();
  await vi.waitFor(() => expect(server.hub.subscriberCount).toBe(2), until);
  using again = openStream(server, ada);
  await again.next({ channel: 'position' });
});

test('a token is a viewer of its own, not its maker', async () => {
  await using world = await serverWith({ streamsPerViewer: 1 });
  const { server } = world;
  const ada = await server.signIn('ada', { 1: 'owner' });
  using stream = openStream(server, ada);
  await stream.next({ channel: 'position' });
  const tokens = [];
  for (const name of ['one', 'two']) {
    // oxlint-disable-next-line no-await-in-loop -- in this order
    tokens.push((await stream.client.token.create.mutate({ teamId: 1, name, days: null })).token);
  }
  for (const token of tokens) {
    using allowed = openPlain(server, { token });
    await allowed.next({ channel: 'position' });
    const refused = await world.get('/api/realtime', { authorization: `Bearer ${token}` });
    expect(refused.status).toBe(429);
  }
});

test('opens a minute, of one viewer and of one address', async () => {
  await using world = await serverWith({ opensPerViewer: 3, opensPerAddress: 5 });
  const { server, get } = world;
  const ada = await server.signIn('ada', { 1: 'owner' });
  const open = async (address: string, cookie: string) => {
    const response = await get('/api/realtime', { cookie, ...from(address) });
    if (response.status === 200) await response.body!.cancel();
    return response;
  };
  for (let count = 0; count < 3; count += 1) expect((await open('192.0.2.1', ada.cookie)).status).toBe(200);
  const mine = await open('192.0.2.1', ada.cookie);
  expect(mine.status).toBe(429);
  const wait = Number(mine.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(10);
  expect(wait).toBeLessThanOrEqual(20);
  expect(await mine.json()).toEqual({
    message: 'More than 3 live connections a minute were opened from you. It works again in a moment.',
  });
  // From the address four were begun by now; those of nobody count as well.
  expect((await open('192.0.2.1', 'none')).status).toBe(401);
  const refused = await get('/api/trpc/realtime.changes', from('192.0.2.1'));
  expect(await errorOf(refused)).toMatchObject({
    message: expect.stringContaining('More than 5 live connections a minute'),
    data: { code: 'TOO_MANY_REQUESTS', limit: 'opens-per-address', retryAfterMs: expect.any(Number) },
  });
  expect((await open('192.0.2.2', 'none')).status).toBe(401);
  expect(server.limits.refused).toMatchObject({ 'opens-per-viewer': 1, 'opens-per-address': 1 });
});

test('an address is counted by its network, and only what our own proxy says of it', async () => {
  await using world = await serverWith({ opensPerAddress: 1 });
  const status = async (forwarded: string) =>
    (await world.get('/api/realtime', { 'x-forwarded-for': forwarded })).status;
  expect(await status('2001:db8:1:2::1')).toBe(401);
  expect(await status('2001:db8:1:2:ffff::9')).toBe(429);
  expect(await status('2001:db8:1:3::1')).toBe(401);
  expect(await status('192.0.2.1')).toBe(401);
  expect(await status('198.51.100.77, 192.0.2.1')).toBe(429);
});

test('a question longer than any is refused before anybody asks who it is', async () => {
  await using world = await serverWith({});
  const { server, get } = world;
  const ada = await server.signIn('ada', { 1: 'owner' });
  const { cookie } = ada;
  const getSession = vi.spyOn(server.services.auth.api, 'getSession');
  const long = 'x'.repeat(LONGEST_QUESTION);
  for (const [query, headers] of [
    [`?channels=${long}`, {}],
    ['', { 'last-event-id': long }],
  ] as const) {
    const plain = await get(`/api/realtime${query}`, { cookie, ...headers });
    expect(plain.status).toBe(413);
    expect(plain.headers.get('retry-after')).toBeNull();
    expect(await plain.json()).toEqual({
      message: expect.stringMatching(/^This asks for a stream in \d+ bytes, and 4096 are the most/),
    });
  }
  for (const [query, headers] of [
    [`?input=${long}`, {}],
    [`?connectionParams=${encodeURIComponent(JSON.stringify({ long }))}`, {}],
    [`?lastEventId=${long}`, {}],
    ['', { 'last-event-id': long }],
  ] as const) {
    const trpc = await get(`/api/trpc/realtime.changes${query}`, { cookie, ...headers });
    expect(await errorOf(trpc)).toMatchObject({ data: { code: 'BAD_REQUEST', limit: 'input' } });
  }
  expect(getSession).not.toHaveBeenCalled();
  expect(server.limits.refused.input).toBe(6);
  // All there is to ask for, and more of a position than there is.
  const names = Object.entries(channels).flatMap(([name, one]) => ('internal' in one ? [] : [name]));
  const input = JSON.stringify({ teamId: 1, channels: names, lastEventId: 'x'.repeat(200) });
  const fits = await get(`/api/trpc/realtime.changes?input=${encodeURIComponent(input)}`, { cookie });
  expect(fits.headers.get('content-type')).toBe('text/event-stream');
  const { value } = await fits.body!.pipeThrough(new TextDecoderStream()).getReader().read();
  expect(value).not.toContain('serialized-error');
});

test('no other way to the subscription goes around the limits', async () => {
  await using world = await serverWith({ streamsPerAddress: 1 });
  const { server, get } = world;
  const ada = await server.signIn('ada', { 1: 'owner' });
  const { cookie } = ada;
  using stream = openStream(server, ada);
  await stream.next({ channel: 'position' });
  const subscribe = vi.spyOn(server.hub, 'subscribe');
  const params = encodeURIComponent(JSON.stringify({ a: 'b' }));
  const json = { 'content-type': 'application/json' };
  for (const [path, headers, method] of [
    ['realtime.changes', {}],
    ['realtime%2Echanges', {}],
    ['realtime.changes', json],
    ['realtime.changes', { 'trpc-accept': 'application/jsonl' }],
    [`realtime.changes?connectionParams=${params}`, {}],
    ['realtime.changes?batch=1&input={}', {}],
    ['realtime.changes,realtime.changes?batch=1&input={}', {}],
    ['realtime.changes,team.mine?batch=1&input={}', {}],
    ['team.mine,realtime.changes?batch=1&input={}', { 'trpc-accept': 'application/jsonl' }],
    ['realtime.changes', json, 'POST'],
    ['realtime.changes?batch=1', json, 'POST'],
    ['realtime.changes', {}, 'POST'],
    ['realtime.changes', {}, 'HEAD'],
  ] as const) {
    const response = await get(`/api/trpc/${path}`, { cookie, ...headers }, method);
    const text = await response.text();
    expect(text, path).not.toMatch(/"channel"/);
  }
  expect(subscribe).not.toHaveBeenCalled();
});

test('whoever is gone before they are known holds no place', async () => {
  await using world = await serverWith({ streamsPerAddress: 1, streamsPerViewer: 1 });
  const { server } = world;
  const ada = await server.signIn('ada', { 1: 'owner' });
  const { getSession } = server.services.auth.api;
  for (const path of ['/api/realtime', '/api/trpc/realtime.changes']) {
    const asked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const spy = vi
      .spyOn(server.services.auth.api, 'getSession')
      .mockImplementationOnce(async (...args: Parameters<typeof getSession>) => {
        asked.resolve();
        await gone.promise;
        return getSession(...args);
      });
    const leaving = request(server.url + path, { headers: { cookie: ada.cookie } });
    leaving.on('error', () => undefined);
    leaving.end();
    await asked.promise;
    leaving.destroy();
    // Nobody else is let in until the server has seen it go.
    await vi.waitFor(async () => expect((await world.get('/api/realtime')).status).toBe(401), until);
    gone.resolve();
    spy.mockRestore();
    await vi.waitFor(async () => {
      using stream = openPlain(server, ada);
      await stream.next({ channel: 'position' });
    }, until);
    await vi.waitFor(() => expect(server.hub.subscriberCount).toBe(0), until);
  }
  expect(server.reports).toEqual([]);
});
