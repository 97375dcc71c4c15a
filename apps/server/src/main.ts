import { createServer, type Server } from 'node:http';
import { join } from 'node:path';

import { createDb, createPool } from '@processflow/db/client';
import { startEmbeddedPostgres } from '@processflow/db/embedded';
import { DatabaseError } from '@processflow/db/error';
import { checkDatabase, migrateToLatest } from '@processflow/db/migrate';

import { createAuth } from './auth.ts';
import { demoSignIns, seedDemo } from './demo.ts';
import { readSettings, type Settings, SettingsError } from './env.ts';
import { createRequestHandler } from './http.ts';
import { trustOwnOrigin } from './origin.ts';
import { createRealtimeHub, listenForChanges } from './realtime/realtime.ts';
import { keptSecret } from './secret.ts';
import { cutStalledConnections } from './stalled.ts';
import { serveBuiltWeb, serveWebSources } from './web.ts';

/** The composition root: environment -> database -> listener -> hub -> http, and back in the other order. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const stopped = untilStopped();
  await using stack = new AsyncDisposableStack();

  const server = createServer({ keepAlive: true, keepAliveInitialDelay: 15_000, noDelay: true });
  const starting = (_: unknown, response: import('node:http').ServerResponse): unknown =>
    response.writeHead(503, { 'retry-after': '1' }).end('Starting');
  server.on('request', starting);
  const port = await bind(server, settings);
  stack.defer(() => close(server));
  stack.use(cutStalledConnections(server));

  let connectionString = settings.databaseUrl;
  if (connectionString === undefined) {
    const dataDir = join(settings.dataDir, 'postgres');
    const postgres = stack.use(await startEmbeddedPostgres({ dataDir, log: say }));
    connectionString = postgres.connectionString;
  }
  const db = createDb(createPool(connectionString, { onIdleError: report }));
  stack.defer(() => db.destroy());
  const { pending } = await checkDatabase(db);
  if (pending.length > 0) say(`Migrating the database: ${pending.join(', ')}`);
  await migrateToLatest(db);

  const { publicUrl, trustProxy } = settings;
  const auth = createAuth({
    db,
    secret: settings.authSecret ?? keptSecret(settings.dataDir),
    baseUrl: publicUrl ?? `http://localhost:${port}`,
    trustedOrigins: trustOwnOrigin(publicUrl),
    onLog: (level, message) => console.error(`auth ${level}: ${message}`),
  });
  const hub = createRealtimeHub(db, report);
  stack.use(await listenForChanges({ hub, connectionString, onError: report }));
  const services = { db, auth, hub };
  const withDemo = settings.demo ?? settings.databaseUrl === undefined;
  if (withDemo) await seedDemo(services);

  const dev = process.argv.includes('--dev') ? await serveWebSources(server) : undefined;
  if (dev !== undefined) stack.defer(dev.close);
  const web = dev?.web ?? serveBuiltWeb();
  server.off('request', starting);
  server.on('request', createRequestHandler({ services, web, publicUrl, trustProxy, onError: report }));

  say(banner(publicUrl ?? `http://localhost:${port}`, connectionString, settings, withDemo));
  await stopped;
  say('Stopping.');
}

async function bind(server: Server, { port, host }: Settings): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `Port ${port} is taken by another program. Stop that one, or choose another: PORT=${port + 1} npm start`
          : error.code === 'EACCES'
            ? `Port ${port} may not be opened by this user. Choose one above 1023: PORT=3000 npm start`
            : `Cannot listen on HOST="${host}" PORT=${port}: ${error.message}`;
      reject(new SettingsError(why, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Streams never end by themselves; their clients come back to the next process. */
async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        resolve();
        process.once(signal, () => process.exit(130));
      });
    }
  });
}

function banner(address: string, connectionString: string, settings: Settings, withDemo: boolean): string {
  const lines = ['', `ProcessFlow is running at ${address}`, ''];
  if (withDemo) {
    lines.push(`Demo sign-ins, password ${demoSignIns.password}:`);
    for (const { email, who } of demoSignIns.people) lines.push(`  ${email.padEnd(18)} ${who}`);
    lines.push('');
  }
  lines.push(
    `Database: ${settings.databaseUrl === undefined ? connectionString : withoutPassword(connectionString)}`,
    '',
  );
  return lines.join('\n');
}

function withoutPassword(connectionString: string): string {
  const url = new URL(connectionString);
  if (url.password !== '') url.password = '***';
  return url.href;
}

function say(message: string): void {
  console.log(message);
}

function report(error: unknown): void {
  console.error(error);
}

try {
  await main();
} catch (error) {
  const isExplained = error instanceof SettingsError || error instanceof DatabaseError;
  console.error(isExplained ? error.message : error);
  process.exitCode = 1;
}
