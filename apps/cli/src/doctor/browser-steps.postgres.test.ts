import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { keys } from '@processflow/events/react';
import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';

import { createClient } from '../client.ts';
import { startWorld } from '../testing.ts';
import {
  type BrowserStepsOptions,
  firstFailing,
  type HopResult,
  PROBE_KEY,
  runBrowserSteps,
} from './browser-steps.ts';
import { httpVersionOf } from './http-version.ts';
import { CERTIFICATE } from './testing-certificate.ts';

type World = Awaited<ReturnType<typeof startWorld>>;

/** The walk as a page takes it, with its own cache and rules. */
async function walk({ server, token }: World, own: Partial<BrowserStepsOptions> = {}): Promise<HopResult[]> {
  const address = { origin: server.url, headers: { authorization: `Bearer ${token}` } };
  const client = createClient(address);
  const results: HopResult[] = [];
  const steps = runBrowserSteps({
    ...address,
    teamId: 1,
    authorize: () => client.team.mine.query(),
    probe: (nonce) => client.realtime.probe.mutate({ teamId: 1, nonce }),
    httpVersion: async () => 'h2',
    queryClient: new QueryClient(),
    rules: { probe_changes: { all: keys(PROBE_KEY) } },
    patience: { answer: 2_000, ping: 0 },
    ...own,
  });
  for await (const result of steps) results.push(result);
  return results;
}

test('walks the browser’s side, and leaves its cache as it was', async () => {
  await using world = await startWorld();
  const queryClient = new QueryClient();
  const results = await walk(world, { queryClient });
  expect(results.map(({ hop, state }) => [hop, state])).toEqual([
    ['server', 'ok'],
    ['listener', 'ok'],
    ['proxy buffering', 'ok'],
    ['HTTP version', 'ok'],
    ['stream', 'ok'],
    ['invalidation', 'ok'],
  ]);
  expect(firstFailing(results)).toBeUndefined();
  expect(queryClient.getQueryCache().getAll()).toEqual([]);
});

test('invalidation: a rule that is missing, or names other queries', async () => {
  await using world = await startWorld();
  const missing = {} as BrowserStepsOptions['rules'];
  for (const rules of [missing, { probe_changes: { all: keys(['something else']) } }]) {
    const results = await walk(world, { rules });
    expect(firstFailing(results)).toMatchObject({
      hop: 'invalidation',
      line: "probe_changes: { all: keys(['doctor', 'probe']) },",
    });
  }
});

test('HTTP version: what a server offers, and what that means', async () => {
  await using world = await startWorld();
  await using secure = await secureServer(true);
  await using old = await secureServer(false);
  const { signal } = new AbortController();
  expect(await httpVersionOf(secure.origin, signal)).toBe('h2');
  expect(await httpVersionOf(old.origin, signal)).toBe('http/1.1');
  expect(await httpVersionOf(world.server.url, signal)).toBe('http/1.1');

  const versionOf = async (own: Partial<BrowserStepsOptions>) =>
    (await walk(world, own)).find(({ hop }) => hop === 'HTTP version');
  expect(await versionOf({ httpVersion: () => httpVersionOf(old.origin, signal) })).toMatchObject({
    state: 'warn',
    finding: expect.stringContaining('at most six connections'),
    line: expect.stringContaining('http2 on;'),
  });
  expect(await versionOf({ httpVersion: () => httpVersionOf(secure.origin, signal) })).toMatchObject({
    state: 'ok',
  });
  expect(await versionOf({ httpVersion: async () => undefined })).toMatchObject({ state: 'skip' });
});

test('what runs in a browser imports nothing of Node', () => {
  const seen = new Set<string>();
  const outside = new Set<string>();
  const follow = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    for (const [, type, name] of readFileSync(url, 'utf8').matchAll(
      /^(?:import|export)( type)? [^;]*?from '([^']+)';/gms,
    )) {
      if (type !== undefined) continue;
      if (name?.startsWith('.') === true) follow(new URL(name, url));
      else outside.add(String(name));
    }
  };
  follow(new URL('./browser-steps.ts', import.meta.url));
  expect([...outside].toSorted()).toEqual([
    '@processflow/events/react',
    '@tanstack/react-query',
    'eventsource-parser/stream',
  ]);
});

async function secureServer(isModern: boolean) {
  const server = isModern ? createSecureServer(CERTIFICATE) : createServer(CERTIFICATE);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
