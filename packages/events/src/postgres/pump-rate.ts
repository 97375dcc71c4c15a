const SECOND = 1_000;

export interface LoadLimits {
  /** Rings a second, over a tenth of a second, from which on the writers are masked. */
  readonly wakeAbove: number;
  /** Transactions a second under which, for `calmFor`, they ring by themselves again. */
  readonly sleepBelow: number;
  /** Milliseconds. */
  readonly calmFor: number;
}

/**
 * Measured with eight writers: their notifications cost them nothing to speak of at a few hundred a second, and most of
 * their speed at a few thousand. Far enough apart that a steady load stays on one side.
 */
export const defaultLimits: LoadLimits = { wakeAbove: 200, sleepBelow: 100, calmFor: SECOND };

/** Whether the writers ring too often. */
export interface RingMeter {
  /** A ring of a writer's process. The notifications of one transaction come at one moment and count once. */
  ring(processId: number): void;
  readonly busy: boolean;
}

const WINDOW = SECOND / 10;

export function createRingMeter({ wakeAbove }: LoadLimits, now: () => number): RingMeter {
  const many = Math.max(1, Math.ceil((wakeAbove * WINDOW) / SECOND));
  /** When the last `many` rings came, the oldest at `next`. */
  const times = Array.from({ length: many }, () => Number.NEGATIVE_INFINITY);
  let next = 0;
  let last: { processId: number; at: number } | undefined;
  return {
    ring(processId) {
      const at = now();
      if (last?.processId === processId && at - last.at < 1) return;
      last = { processId, at };
      times[next] = at;
      next = (next + 1) % many;
    },
    get busy() {
      return now() - times[next]! <= WINDOW;
    },
  };
}

/** Whether the load that the pump carries has gone. */
export interface CalmMeter {
  add(transactions: number): void;
  readonly calm: boolean;
}

/** Not calm before it has looked for as long as that. */
export function createCalmMeter({ sleepBelow, calmFor }: LoadLimits, now: () => number): CalmMeter {
  const began = now();
  let recent: { at: number; transactions: number }[] = [];
  return {
    add(transactions) {
      if (transactions > 0) recent.push({ at: now(), transactions });
    },
    get calm() {
      const since = now() - calmFor;
      recent = recent.filter(({ at }) => at > since);
      const carried = recent.reduce((sum, { transactions }) => sum + transactions, 0);
      return began <= since && (carried * SECOND) / calmFor < sleepBelow;
    },
  };
}
