import { LOG_CHANNEL } from './change-log-sql.ts';
import type { LogRow } from './log-reader.ts';
import type { Rung } from './source-marks.ts';

/** Counts events that no notification told of: a read that nobody asked for found them. */
export interface UnheardEvents {
  heard(rung: Rung): void;
  /** What a read found; `prompted`: a notification had asked for it. */
  found(rows: readonly LogRow[], prompted: boolean): void;
  /** How many were found a while ago and are still not told of; it forgets them. */
  overdue(): number;
  reset(): void;
}

/** A notification may come after the read that finds its event: it has until `overdue` is asked for the second time. */
export function countUnheard(limit: number): UnheardEvents {
  let recent = new Set<string>();
  let older = new Set<string>();
  let early = new Set<string>();
  const keyOf = ({ channel, payload }: Rung): string => `${channel} ${payload}`;

  return {
    heard(rung) {
      if (rung.channel === LOG_CHANNEL) {
        // It tells of events without naming them.
        recent.clear();
        older.clear();
        return;
      }
      const key = keyOf(rung);
      if (!recent.delete(key) && !older.delete(key) && early.size <= limit) early.add(key);
    },
    found(rows, prompted) {
      // Of too many to remember none is called unheard.
      if (!prompted && early.size <= limit) {
        for (const row of rows) if (!early.has(keyOf(row)) && recent.size < limit) recent.add(keyOf(row));
      }
      early = new Set();
    },
    overdue() {
      const count = older.size;
      older = recent;
      recent = new Set();
      return count;
    },
    reset() {
      recent.clear();
      older.clear();
      early.clear();
    },
  };
}
