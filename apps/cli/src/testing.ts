import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { testDatabase } from '@processflow/db/testing';
import { vi } from 'vitest';

import { addTeams, startTestServer, type TestServerOptions } from '../../server/src/realtime/testing.ts';
import { issueToken } from '../../server/src/token/commands.ts';
import { main } from './main.ts';

/** A server with teams 1 and 2, and a token of Ada's that opens team 1. */
export async function startWorld(
  serverOptions: (connectionString: string) => TestServerOptions | Promise<TestServerOptions> = () => ({}),
) {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  await addTeams(database);
  const server = stack.use(await startTestServer(database, await serverOptions(database.connectionString)));
  const ada = await server.signIn('ada', { 1: 'owner', 2: 'owner' });
  const { token } = await database.db
    .transaction()
    .execute((trx) => issueToken(trx, 1, ada.id, { name: 'CLI', days: null }));
  const kept = stack.move();
  const env = { PROCESSFLOW_URL: server.url, PROCESSFLOW_TOKEN: token };
  return { database, server, ada, token, env, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Runs the program as a shell would, with its own environment, and collects what it says. */
export function startCli(args: readonly string[], env: Record<string, string> = {}) {
  const stopped = new AbortController();
  const said = { out: '', err: '' };
  const exitCode = main(args, {
    env,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    isColorful: false,
    signal: stopped.signal,
  });
  return {
    said,
    exitCode,
    /** Ctrl-C. */
    stop: () => stopped.abort(),
    until: (condition: () => boolean) =>
      vi.waitFor(
        () => {
          if (!condition()) throw new Error(`Not yet; said so far: ${said.out}\n${said.err}`);
        },
        { timeout: 10_000, interval: 5 },
      ),
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await exitCode;
    },
  };
}

export async function runCli(args: readonly string[], env: Record<string, string> = {}) {
  const run = startCli(args, env);
  const code = await run.exitCode;
  return { code, ...run.said };
}

export interface ProxyFaults {
  /** Holds back what a stream sends, as a proxy that buffers does: for ever, or for so many milliseconds. */
  readonly holds?: number | 'for ever';
  /** Lets through what comes before the first probe. */
  readonly holdsEventsOnly?: boolean;
  /** Cuts streams after so many milliseconds. */
  readonly cutsAfter?: number;
  /** Answers everything with this status. */
  readonly status?: number;
  /** Leaves these out of what it passes on. */
  readonly drops?: readonly string[];
  /** Takes the ids out of streams. */
  readonly stripsIds?: boolean;
  /** Refuses requests for which this is true. */
  readonly refuses?: (request: IncomingMessage) => boolean;
  /** What it calls itself. */
  readonly name?: string;
}

/** A proxy in front of a server, with faults. */
export async function faultyProxy(target: string, faults: ProxyFaults) {
  const pending = new Set<NodeJS.Timeout>();
  const later = (ms: number, run: () => void): void => {
    const timer = setTimeout(() => {
      pending.delete(timer);
      run();
    }, ms);
    pending.add(timer);
  };
  const server = createServer((incoming, outgoing) => {
    if (faults.status !== undefined) return void outgoing.writeHead(faults.status).end('a proxy speaks');
    if (faults.refuses?.(incoming) === true) return void outgoing.writeHead(405).end('not allowed');
    const headers = { ...incoming.headers };
    for (const name of faults.drops ?? []) delete headers[name];
    const passed = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers });
    passed.on('error', () => outgoing.destroy());
    passed.on('response', (answer) => passBack(answer, outgoing, faults, later));
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Cuts every connection; new ones are taken. */
    cut: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      for (const timer of pending) clearTimeout(timer);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function passBack(
  answer: IncomingMessage,
  outgoing: ServerResponse,
  faults: ProxyFaults,
  later: (ms: number, run: () => void) => void,
): void {
  answer.on('error', () => outgoing.destroy());
  const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
  outgoing.writeHead(answer.statusCode ?? 500, {
    ...answer.headers,
    ...(faults.name !== undefined && { server: faults.name }),
  });
  outgoing.flushHeaders();
  if (!isStream) return void answer.pipe(outgoing);
  if (faults.cutsAfter !== undefined) later(faults.cutsAfter, () => outgoing.destroy());
  let isHolding = faults.holds !== undefined && faults.holdsEventsOnly !== true;
  answer.on('data', (bytes: Buffer) => {
    const text = bytes.toString();
    const passed = faults.stripsIds === true ? text.replaceAll(/^id: .*\n/gm, '') : text;
    const { holds } = faults;
    isHolding ||= holds !== undefined && text.includes('"channel":"probe_changes"');
    if (!isHolding) outgoing.write(passed);
    else if (typeof holds === 'number') later(holds, () => outgoing.write(passed));
  });
  answer.on('end', () => outgoing.end());
}

/** A port of this machine that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
