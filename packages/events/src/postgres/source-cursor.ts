import type pg from 'pg';

import type { BatchSink, BatchSource, Replay } from '../batch.ts';
import type { Announcement } from '../event.ts';
import { type Epochs, resolveEpoch } from './epoch.ts';
import { type LogRead, type LogRow, readLog, rowsAfter } from './log-reader.ts';
import type { SourceMetrics } from './metrics.ts';
import { encodePosition, type Position } from './position.ts';
import { clamp, isVisible, isWithin, meet, outlasts, type Snapshot } from './snapshot.ts';
import { type Ask, type AskGroup, sortAsks } from './source-asks.ts';
import type { Mark, Rung } from './source-marks.ts';

export interface CursorOptions {
  readonly channels: readonly string[];
  readonly sink: BatchSink;
  readonly source: BatchSource;
  readonly limit: number;
  readonly metrics: SourceMetrics;
  readonly toAnnouncement: (rung: Rung) => Announcement;
  /** What was new to the sink. */
  readonly onRead: (rows: readonly LogRow[]) => void;
  readonly onAnswered: (ask: Ask) => void;
}

/** Where in the log the sink stands. */
export interface LogCursor {
  /** Reads the log once, gives the sink its batch, and answers those who ask. */
  read(client: pg.ClientBase, asks: readonly Ask[]): Promise<void>;
  /** Gives the sink the batch of a mark. False: that must be read. */
  take(mark: Mark): boolean;
}

interface Head {
  readonly position: Position;
  readonly text: string;
}

/** How often the database's history may change within one read before that is an error. */
const PATIENCE = 5;

export function createLogCursor(options: CursorOptions): LogCursor {
  const { sink, source, metrics, limit, channels, toAnnouncement } = options;
  let head: Head | undefined;
  let epochs: Epochs | undefined;
  /** What the last read said of how far the log reaches back. */
  let reach: Pick<LogRead, 'prunedBelow' | 'taken'> | undefined;

  /** Whether the log still holds everything that was committed after the position. */
  function reaches({ position: { epoch, snapshot } }: { readonly position: Position }): boolean {
    if (epochs?.accepts({ epoch, snapshot }) !== true) return false;
    return reach === undefined || outlasts(snapshot, reach.prunedBelow, reach.taken);
  }

  /** Reads what any of them lacks. Should the database turn out to have another history, it says so and reads again. */
  async function look(client: pg.ClientBase, groups: readonly AskGroup[]): Promise<LogRead> {
    for (let attempt = 0; attempt < PATIENCE; attempt += 1) {
      epochs ??= await resolveEpoch(client);
      const behind = [...(head === undefined ? [] : [head]), ...groups].filter(reaches);
      const from = behind.reduce<Snapshot | undefined>(
        (least, { position }) => (least === undefined ? position.snapshot : meet(least, position.snapshot)),
        undefined,
      );
      const read = await readLog(client, { from, limit, channels });
      metrics.logReads += 1;
      if (read.identity === epochs.identity) {
        reach = read;
        return read;
      }
      epochs = undefined;
      reach = undefined;
    }
    throw new Error('The history of the change log changes faster than it can be read.');
  }

  function move(
    read: LogRead,
    epoch: string,
    announce: (rows: readonly LogRow[]) => readonly Announcement[],
  ): Head {
    const before = head;
    const continues =
      before !== undefined && reaches(before) && isWithin(before.position.snapshot, read.seen);
    // Rows that somebody deleted do not make the head go back.
    const last = continues ? before.position.snapshot.xmax - 1n : 0n;
    const snapshot = clamp(read.seen, read.largest > last ? read.largest : last);
    const position = { epoch, snapshot };
    const next: Head = { position, text: encodePosition(position) };
    head = next;
    if (before === undefined) {
      sink.attach(source, next.text);
      return next;
    }
    const rows = continues ? rowsAfter(read, before.position.snapshot) : undefined;
    if (rows === undefined) {
      metrics.gaps += 1;
      sink.gap(next.text, continues ? 'too-far-behind' : 'unknown-position');
    } else if (next.text !== before.text) {
      options.onRead(rows);
      pass(before.text, next.text, announce(rows));
    }
    return next;
  }

  function pass(from: string, to: string, announcements: readonly Announcement[]): void {
    metrics.batches += 1;
    metrics.events += announcements.length;
    sink.take({ from, to, announcements });
  }

  function answer(asks: readonly Ask[], replay: Replay): void {
    for (const ask of asks) {
      options.onAnswered(ask);
      if (replay.kind === 'events' && ask.position !== undefined) metrics.resumesFromLog += 1;
      ask.answer(replay);
    }
  }

  return {
    async read(client, asks) {
      const { unreadable, groups, ...sorted } = sortAsks(asks);
      const fresh = [...sorted.fresh];
      const unknown: Ask[] = [...unreadable];
      const tooFar: Ask[] = [];
      let trying = groups;
      let older: readonly AskGroup[] = [];
      for (;;) {
        const read = await look(client, trying);
        if (epochs === undefined) throw new Error('A read has an epoch.');
        const known = trying.filter(
          (group) => reaches(group) && isWithin(group.position.snapshot, read.seen),
        );
        unknown.push(...trying.filter((group) => !known.includes(group)).flatMap((group) => group.asks));
        if (read.missingUpTo !== undefined && known.length > 0) {
          // Too much for the one who has seen least, hence for all that were set aside. Of the others the half that
          // has seen more is tried first: the question of who is too far behind costs few reads.
          const [oldest, ...others] = known;
          for (const lost of [...older, oldest]) tooFar.push(...(lost?.asks ?? []));
          const middle = others.length >>> 1;
          older = others.slice(0, middle);
          trying = others.slice(middle);
          continue;
        }
        const announce = memoize(toAnnouncement);
        const to = move(read, epochs.current, announce).text;
        answer(fresh.splice(0), { kind: 'events', to, announcements: [] });
        answer(unknown.splice(0), { kind: 'lost', to, reason: 'unknown-position' });
        answer(tooFar.splice(0), { kind: 'lost', to, reason: 'too-far-behind' });
        for (const { position, asks: same } of known) {
          const announcements = announce(rowsAfter(read, position.snapshot) ?? []);
          answer(same, { kind: 'events', to, announcements });
        }
        if (older.length === 0) return;
        trying = older;
        older = [];
      }
    },
    take({ from, to, until, events }) {
      if (head === undefined || from.epoch !== head.position.epoch || to.epoch !== from.epoch) return false;
      const {
        text,
        position: { snapshot },
      } = head;
      if (isWithin(to.snapshot, snapshot)) return true;
      if (events === undefined || !isWithin(from.snapshot, snapshot) || !isWithin(snapshot, to.snapshot))
        return false;
      head = { position: to, text: until };
      metrics.marksTaken += 1;
      pass(text, until, events.filter(({ xid }) => !isVisible(xid, snapshot)).map(toAnnouncement));
      return true;
    },
  };
}

/** Of thousands that resume many lack the same rows: each is decoded once a read. */
function memoize(toAnnouncement: (rung: Rung) => Announcement) {
  const known = new Map<LogRow, Announcement>();
  return (rows: readonly LogRow[]): readonly Announcement[] =>
    rows.map((row) => {
      const announcement = known.get(row) ?? toAnnouncement(row);
      known.set(row, announcement);
      return announcement;
    });
}
