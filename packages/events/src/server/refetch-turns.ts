const SECOND = 1_000;
/** Turns that come sooner are not worth waiting for. */
const SHORTEST_WAIT = 250;

/**
 * Hands out the moments at which streams that start over may refetch: so many a second, one after another. Answers how
 * many milliseconds to wait; undefined: not at all.
 */
export function createRefetchTurns(rate: number, now: () => number): () => number | undefined {
  let busyUntil = 0;
  return () => {
    busyUntil = Math.max(now(), busyUntil) + SECOND / rate;
    const wait = Math.round(busyUntil - now());
    return wait >= SHORTEST_WAIT ? wait : undefined;
  };
}
