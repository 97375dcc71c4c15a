import { setTimeout as delay } from 'node:timers/promises';

import { startLoad } from './load.ts';
import type { ServerStats } from './protocol.ts';
import type { ServerName } from './servers.ts';
import { startServer, type TrialOptions } from './trial.ts';

const SECOND = 1_000;
/** For what follows an answer: a subscription begins after its headers. */
const SETTLE = SECOND;

export interface Idle {
  readonly connections: number;
  /** Resident memory of the server's process that came with each connection, in units of 1,024 bytes. */
  readonly kilobytes: number;
  /** Share of a core while nothing is published and all are pinged. */
  readonly cpu: number;
  /** What each connection was sent meanwhile: its pings. */
  readonly bytes: number;
}

/** Connections that hear nothing but pings. */
export async function measureIdle(server: ServerName, options: TrialOptions): Promise<Idle> {
  const { connections, seconds, generators } = options;
  await using child = await startServer(server, options);
  const stats = () => child.ask<ServerStats>({ do: 'stats', collect: true });
  const empty = await stats();
  await using load = await startLoad(child.ready, options, generators);
  await delay(SETTLE);
  const full = await stats();
  const readBoth = () => Promise.all([load.read(), child.ask<ServerStats>({ do: 'stats' })]);
  const [before, serverBefore] = await readBoth();
  await delay(seconds * SECOND);
  const [after, serverAfter] = await readBoth();
  await child[Symbol.asyncDispose]();
  if (after.lost > 0) throw new Error(`${after.lost} of ${connections} connections ended by themselves`);
  return {
    connections,
    kilobytes: Number(((full.rss - empty.rss) / 1_024 / connections).toFixed(1)),
    cpu: Number(
      ((serverAfter.cpu - serverBefore.cpu) / ((serverAfter.at - serverBefore.at) / SECOND)).toFixed(4),
    ),
    bytes: Math.round((after.bytes - before.bytes) / connections),
  };
}
