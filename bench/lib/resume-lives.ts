import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { StreamEvent } from '../../packages/events/src/index.ts';
import { type BenchEvent, startHub } from './bench-hub.ts';
import type { Pool } from './writes-tables.ts';

export interface World {
  readonly pool: Pool;
  readonly connectionString: string;
  readonly streams: number;
}

/** What a client knows when its stream breaks. */
interface Broken {
  readonly lastEventId: string;
  /** All that it has heard. */
  readonly heard: ReadonlySet<number>;
  /** Of this, what it has heard since its position last moved: that may come again. */
  readonly recent: ReadonlySet<number>;
}

interface Heard {
  readonly id: string;
  readonly seq: number;
}

type Life = Awaited<ReturnType<typeof startHub>>;
type Stream = Awaited<ReturnType<Life['hub']['subscribe']>>;

/** A socket's buffer full of them. */
const FRAMES_A_TURN = 50;

/** Changes while the streams come back. */
const MEANWHILE = 50;

/** The life before: what it hears, and at what points streams broke off; then changes that nobody heard. */
export async function hearAndBreakOff(
  world: World,
  changes: { readonly before: number; readonly away: number },
): Promise<Broken[]> {
  const { pool, streams } = world;
  const frames: Heard[] = [];
  await live(world, async ({ hub }) => {
    const stream = await hub.subscribe({ key: 'witness' });
    await stream.next();
    // A statement of several rows is one batch, in which a stream may break off.
    for (let change = 0; change < changes.before; change += 4) await write(pool, 1 + (change % 7));
    await write(pool, 1, 'the last before');
    await hearUntil(stream, 'the last before', (heard) => frames.push(heard));
    await stream.return?.();
  });
  for (let change = 0; change < changes.away; change++) await write(pool, 1);
  return Array.from({ length: streams }, () => {
    const heard = frames.slice(0, 1 + Math.floor(Math.random() * frames.length));
    const lastEventId = heard.at(-1)!.id;
    const recent = heard.filter(({ id }) => id === lastEventId);
    return { lastEventId, heard: new Set(seqs(heard)), recent: new Set(seqs(recent)) };
  });
}

/** All at once, while changes go on. */
export async function comeBack(world: World, broken: readonly Broken[]) {
  const { pool } = world;
  const ended = 'the last of all';
  let events = 0;
  const cost = await live(world, async ({ hub }) => {
    const coming = broken.map(async (client) => {
      const stream = await hub.subscribe({ key: 'somebody', lastEventId: client.lastEventId });
      const rest = await hearRest(stream, client, ended);
      events += rest.frames;
      return { stream, ...rest };
    });
    for (let change = 1; change < MEANWHILE; change++) await write(pool, 1);
    await write(pool, 1, ended);
    return await Promise.all(coming);
  });
  const { rows } = await pool.query<{ count: number }>('SELECT count(*)::integer FROM change_log');
  const { streams, ...costs } = cost;
  const wrong = streams.filter(({ right, all }) => !right || all !== rows[0]!.count).length;
  return { ...costs, events, wrong };
}

/** What a client does that comes back: it drops what it knows, and nothing else may come twice. */
async function hearRest(stream: Stream, { heard, recent }: Broken, ended: string) {
  const first = await firstOf(stream);
  let [right, frames] = [first.channel === 'position', 0];
  const fresh = new Set<number>();
  await hearUntil(stream, ended, ({ seq }) => {
    frames += 1;
    if (recent.has(seq)) return;
    right &&= !heard.has(seq) && !fresh.has(seq);
    fresh.add(seq);
  });
  return { right, frames, all: heard.size + fresh.size };
}

/** All at once, each with a position of another history. */
export async function comeBackFromElsewhere(world: World) {
  const { streams, ...costs } = await live(world, async ({ hub }) =>
    Promise.all(
      Array.from({ length: world.streams }, async () => {
        const stream = await hub.subscribe({ key: 'somebody', lastEventId: 'of another history' });
        return { stream, first: await firstOf(stream) };
      }),
    ),
  );
  const told = streams.map(({ first }) => first).filter((first) => first.channel === 'resync');
  return {
    ...costs,
    wrong: streams.length - told.filter(({ reason }) => reason === 'unknown-position').length,
    /** Milliseconds within which they are asked to refetch, each at a moment of its own. */
    spread: Math.max(0, ...told.map(({ spread }) => spread ?? 0)),
  };
}

/** One life of a server, and what it cost. The database counts the log's scans when the connections are gone. */
async function live<Streams>(world: World, act: (life: Life) => Promise<Streams>) {
  const scansBefore = await scans(world.pool);
  const errors: unknown[] = [];
  let result;
  {
    await using life = await startHub({
      connectionString: world.connectionString,
      onError: (error) => errors.push(error),
    });
    const [reads, heap, began] = [life.listener.metrics.logReads, heapUsed(), performance.now()];
    const delays = monitorEventLoopDelay();
    delays.enable();
    const streams = await act(life);
    delays.disable();
    result = {
      streams,
      seconds: Number(((performance.now() - began) / 1_000).toFixed(2)),
      /** The longest that nothing else could be done, in milliseconds; most of it by the clients, and by collecting garbage. */
      stall: Math.round(delays.max / 1e6),
      logReads: life.listener.metrics.logReads - reads,
      kilobytes: Number(((heapUsed() - heap) / 1_024 / world.streams).toFixed(1)),
    };
  }
  return { ...result, errors: errors.map(String), scans: (await scans(world.pool)) - scansBefore };
}

async function firstOf(stream: Stream): Promise<StreamEvent<BenchEvent>> {
  const first = await stream.next();
  if (first.done === true) throw new Error('A stream ended before it began');
  return first.value.data;
}

async function hearUntil(stream: Stream, title: string, onHeard: (heard: Heard) => void): Promise<void> {
  for (let number = 1; ; number++) {
    // As a socket that takes no more for the moment; without it one stream after the other would be read to its end.
    if (number % FRAMES_A_TURN === 0) await turn();
    const frame = await stream.next();
    if (frame.done === true) throw new Error('A stream ended by itself');
    const { id, data } = frame.value;
    if (data.channel === 'position') continue;
    if (data.channel === 'resync') throw new Error(`A stream was told to start over: ${data.reason}`);
    onHeard({ id, seq: data.seq });
    if (data.operation === 'UPDATE' && data.title === title) return;
  }
}

async function write(pool: Pool, rows: number, title?: string): Promise<void> {
  if (title !== undefined) await pool.query('UPDATE bench_ours SET title = $1 WHERE id = 0', [title]);
  else await pool.query(`UPDATE bench_ours SET value = value + 1 WHERE id BETWEEN 1 AND $1`, [rows]);
}

/** Reads of the log as the database has counted them. */
async function scans(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    "SELECT seq_scan + coalesce(idx_scan, 0) AS count FROM pg_stat_user_tables WHERE relname = 'change_log'",
  );
  return rows[0]!.count;
}

function seqs(heard: readonly Heard[]): number[] {
  return heard.map(({ seq }) => seq);
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
