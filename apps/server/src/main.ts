import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';

import { channels } from '@processflow/db/channels';
import { describeDifferences, findDifferences } from '@processflow/db/check';
import { createDb, createPool } from '@processflow/db/client';
import { startEmbeddedPostgres } from '@processflow/db/embedded';
import { DatabaseError } from '@processflow/db/error';
import { checkDatabase, migrateToLatest } from '@processflow/db/migrate';
import { listenForChanges } from '@processflow/events/postgres';
import { createFanOut } from '@processflow/events/server';

import { createAuth } from './auth.ts';
import { banner, localAddress } from './banner.ts';
import { openDataDir } from './data-dir.ts';
import { hasDemo, seedDemo } from './demo.ts';
import { readSettings, type Settings, SettingsError } from './env.ts';
import { createRequestHandler } from './http.ts';
import { collectMetrics } from './metrics/collect.ts';
import { observeDelivery } from './metrics/delivery.ts';
import { Histogram } from './metrics/histogram.ts';
import { createMetricsPage } from './metrics/page.ts';
import { trustOwnOrigin } from './origin.ts';
import { createStreamLimits } from './realtime/limits.ts';
import { createProbeEar } from './realtime/probe-ear.ts';
import { createRealtimeHub } from './realtime/realtime.ts';
import { createTurns } from './realtime/why/turns.ts';
import { report } from './report.ts';
import { keptSecret } from './secret.ts';
import { cutStalledConnections } from './stalled.ts';
import { serveBuiltWeb, serveWebSources } from './web.ts';

/** The composition root: environment -> database -> listener -> hub -> http, and back in the other order. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const stopped = untilStopped();
  await using stack = new AsyncDisposableStack();

  const server = createServer({ keepAlive: true, keepAliveInitialDelay: 15_000, noDelay: true });
  const starting: RequestListener = (_, response) =>
    void response.writeHead(503, { 'retry-after': '1' }).end('Starting');
  server.on('request', starting);
  const port = await bind(server, settings);
  stack.defer(() => close(server));
  stack.use(cutStalledConnections(server));

  if (settings.databaseUrl === undefined || settings.authSecret === undefined) openDataDir(settings.dataDir);
  let connectionString = settings.databaseUrl;
  if (connectionString === undefined) {
    const dataDir = join(settings.dataDir, 'postgres');
    const postgres = stack.use(await startEmbeddedPostgres({ dataDir, log: say }));
    connectionString = postgres.connectionString;
  }
  const db = createDb(createPool(connectionString, { onIdleError: reportLost }));
  stack.defer(() => db.destroy());
  const { pending } = await checkDatabase(db);
  if (pending.length > 0) say(`Migrating the database: ${pending.join(', ')}`);
  await migrateToLatest(db);
  await checkTriggers(db, settings.triggerCheck);

  const { publicUrl, trustProxy } = settings;
  const address = publicUrl ?? localAddress(settings.host, port);
  const auth = createAuth({
    db,
    secret: settings.authSecret ?? keptSecret(settings.dataDir),
    baseUrl: address,
    trustedOrigins: trustOwnOrigin(publicUrl),
    onLog: (level, message) => console.error(`auth ${level}: ${message}`),
  });
  const { keep, replayLimit, metricsToken } = settings;
  const hub = createRealtimeHub(db, report, { queueLimit: replayLimit });
  const probeEar = createProbeEar();
  const listener = stack.use(
    await listenForChanges({
      definitions: channels,
      hub,
      connectionString,
      keep,
      onNotification: probeEar.hear,
      onError: report,
    }),
  );
  const limits = createStreamLimits(settings.limits);
  const delivery = new Histogram();
  const metrics =
    metricsToken === undefined
      ? undefined
      : createMetricsPage(metricsToken, () => collectMetrics({ hub, listener, limits, delivery }));
  const fanOut = createFanOut(metrics === undefined ? {} : { onWrite: observeDelivery(delivery) });
  const services = {
    db,
    auth,
    hub,
    probeEar,
    whyTurns: createTurns(),
  };
  if (settings.demo) await seedDemo(services);

  const dev = process.argv.includes('--dev') ? await serveWebSources(server) : undefined;
  if (dev !== undefined) stack.defer(dev.close);
  const web = dev?.web ?? serveBuiltWeb();
  server.off('request', starting);
  const handler = createRequestHandler({
    services,
    limits,
    fanOut,
    metrics,
    web,
    publicUrl,
    trustProxy,
    onError: report,
  });
  server.on('request', handler);

  const isEmbedded = settings.databaseUrl === undefined;
  const withDemo = settings.demo && (await hasDemo(db));
  say(banner({ address, connectionString, isEmbedded, withDemo }));
  await stopped;
  say('Stopping.');
  // Nobody must ask any more for what is about to go.
  void close(server);
}

/** Where triggers are missing or wrong, screens would go stale without a word: worse than not being there. */
async function checkTriggers(
  db: Parameters<typeof findDifferences>[0],
  triggerCheck: Settings['triggerCheck'],
): Promise<void> {
  const differences = await findDifferences(db);
  if (differences.length === 0) return;
  const found = describeDifferences(differences);
  if (triggerCheck === 'refuse') {
    throw new DatabaseError(
      'differs',
      `${found}\nNot serving: screens would go stale without a word. To serve all the same: TRIGGER_CHECK=warn npm start`,
    );
  }
  console.error(`${found}\nServing all the same, since TRIGGER_CHECK=warn: some screens may go stale.`);
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

function say(message: string): void {
  console.log(message);
}

function reportLost(error: Error): void {
  console.error(`A database connection was lost; the next query opens another: ${error.message}`);
}

try {
  await main();
} catch (error) {
  const isExplained = error instanceof SettingsError || error instanceof DatabaseError;
  if (isExplained) console.error(error.message);
  else report(error);
  process.exitCode = 1;
}
