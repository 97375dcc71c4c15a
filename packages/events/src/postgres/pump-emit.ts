import type pg from 'pg';

import { type Epochs, resolveEpoch } from './epoch.ts';
import { type Cursor, NOTHING, partOf, positionOf, readCursor } from './pump-cursor.ts';
import { markOf } from './pump-mark.ts';
import { EMIT_SQL, LOOK_SQL, MOVE_SQL, RESTART_SQL } from './pump-sql.ts';
import type { Position } from './position.ts';
import {
  clamp,
  formatSnapshot,
  outlasts,
  parseSnapshot,
  passOver,
  type Snapshot,
  startOf,
} from './snapshot.ts';

/** Bounds of memory, here and in PostgreSQL, which keeps a transaction's notifications until it commits. */
export interface EmitBounds {
  /** Events of one ordinary batch. */
  readonly batch: number;
  /** Events that a transaction emits of a larger one. */
  readonly part: number;
}

const defaultBounds: EmitBounds = { batch: 10_000, part: 50_000 };

export interface Advance {
  /** The snapshot up to which everything has now been emitted. */
  readonly seen: Snapshot;
  /** Transactions whose events came after the cursor (of a batch beyond the bound: more than that bound). */
  readonly transactions: number;
  /** Events emitted. */
  readonly emitted: number;
}

export interface Emitter {
  /** Emits what was committed since the cursor and not rung by its writer. */
  advance(): Promise<Advance>;
}

interface Look {
  readonly cursor: Cursor;
  readonly seen: Snapshot;
  /** `seen` as the cursor will say it. */
  readonly to: Snapshot;
  readonly events: number;
  readonly unrung: number;
  readonly xids: readonly bigint[];
}

interface LookRow {
  readonly emitted_epoch: string | null;
  readonly emitted: string | null;
  readonly pruned_below: string;
  readonly identity: string;
  readonly seen: string;
  readonly newest: string | null;
  readonly events: number;
  readonly unrung: number;
  readonly xids: string;
}

/** For a client of its own, outside any transaction. The channels are told to start over where the cursor is lost. */
export function createEmitter(
  client: pg.ClientBase,
  channels: readonly string[],
  { batch, part }: EmitBounds = defaultBounds,
): Emitter {
  let known: Cursor = readCursor(null, null);
  let epochs: Epochs | undefined;
  /** How far the cursor went past no event: servers, which were not told, still stand where that began. */
  let untold: { readonly from: Position | undefined; readonly to: string } | undefined;
  /** What was known to be pruned when it began at the present: none of that is missed again. */
  let forgiven = 0n;

  /** What there is after the cursor, wherever another pump may have moved it. */
  async function look(): Promise<Look> {
    for (;;) {
      const { rows } = await client.query<LookRow>({
        name: 'pump-look',
        text: LOOK_SQL,
        values: [...startOf(known.from ?? NOTHING), batch + 1],
      });
      const row = rows[0];
      if (row === undefined) throw new Error('change_log_state has no row.');
      const prunedBelow = BigInt(row.pruned_below);
      const taken = parseSnapshot(row.seen);
      if (row.identity !== epochs?.identity) {
        epochs = await resolveEpoch(client);
      } else if (row.emitted !== known.text || row.emitted_epoch !== known.epoch) {
        known = readCursor(row.emitted_epoch, row.emitted);
      } else if (isLost(known, epochs, prunedBelow > forgiven ? prunedBelow : 0n, taken)) {
        await restart(known, row, epochs);
      } else {
        const seen = passOver(taken, prunedBelow);
        const xids = row.events > batch || row.xids === '' ? [] : row.xids.split(',').map(BigInt);
        const { events, unrung } = row;
        return { cursor: known, seen, to: clamp(seen, largestOf(known, row.newest)), events, unrung, xids };
      }
    }
  }

  async function restart(cursor: Cursor, row: LookRow, { current }: Epochs): Promise<void> {
    forgiven = BigInt(row.pruned_below);
    const seen = passOver(parseSnapshot(row.seen), forgiven);
    const present = formatSnapshot(clamp(seen, largestOf(readCursor(null, null), row.newest)));
    // Where nothing was ever emitted, nobody can have missed it.
    const told = cursor.text === null ? [] : channels;
    await client.query(RESTART_SQL, [cursor.text, cursor.epoch, current, present, told]);
  }

  /** Where servers stand that have heard every mark up to the cursor. */
  function toldUntil(cursor: Cursor): Position | undefined {
    return untold !== undefined && untold.to === cursor.text ? untold.from : positionOf(cursor);
  }

  /** Undefined if another pump was faster. */
  async function move({ cursor, to, events }: Look, { current }: Epochs): Promise<number | undefined> {
    const text = formatSnapshot(to);
    if (text === cursor.text && cursor.epoch === current) return 0;
    const values = [cursor.text, cursor.epoch, current, text];
    const { rowCount } = await client.query({ name: 'pump-move', text: MOVE_SQL, values });
    untold = events === 0 ? { from: toldUntil(cursor), to: text } : undefined;
    return rowCount === 0 ? undefined : 0;
  }

  async function emit({ cursor, to, events, unrung, xids }: Look, { current }: Epochs) {
    const end = cursor.part?.to ?? to;
    const large = cursor.part !== undefined || events > batch;
    const mark = markOf({
      from: toldUntil(cursor),
      to: { epoch: current, snapshot: end },
      events,
      xids: large || unrung < events ? undefined : xids,
    });
    const done = formatSnapshot(end);
    const values = [
      ...startOf(cursor.from ?? NOTHING),
      done,
      cursor.part?.id ?? 0,
      large ? part : batch + 1,
      cursor.text,
      cursor.epoch,
      current,
      done,
      partOf(cursor.from, end),
      mark,
    ];
    const { rows } = await client.query<{ emitted: string; events: number }>({
      name: 'pump-emit',
      text: EMIT_SQL,
      values,
    });
    const moved = rows[0];
    if (moved === undefined) return undefined;
    return { emitted: moved.events, more: moved.emitted !== done };
  }

  return {
    async advance() {
      let emitted = 0;
      for (;;) {
        const found = await look();
        const transactions = found.events > batch ? found.events : new Set(found.xids).size;
        if (found.unrung === 0 && found.cursor.part === undefined && found.events <= batch) {
          if ((await move(found, epochs!)) !== undefined) return { seen: found.seen, transactions, emitted };
          continue;
        }
        const outcome = await emit(found, epochs!);
        emitted += outcome?.emitted ?? 0;
        // A batch that was emitted in parts ends at the snapshot of its first look: look once more.
        const whole = outcome !== undefined && !outcome.more && found.cursor.part === undefined;
        if (whole) return { seen: found.seen, transactions, emitted };
      }
    },
  };
}

/** Whether events may be gone, or of another history, that the cursor has not seen. */
function isLost(cursor: Cursor, epochs: Epochs, prunedBelow: bigint, now: Snapshot): boolean {
  if (!outlasts(cursor.from ?? NOTHING, prunedBelow, now)) return true;
  const position = positionOf(cursor);
  return position !== undefined && !epochs.accepts(position);
}

/** Of the transactions with rows in the log: what a snapshot is clamped to. */
function largestOf({ from = NOTHING }: Cursor, newest: string | null): bigint {
  const largest = BigInt(newest ?? 0);
  return largest >= from.xmax ? largest : from.xmax - 1n;
}
