export interface Backoff {
  /** The shortest pause, in milliseconds. Default: 500. */
  readonly min: number;
  /** The longest pause, in milliseconds. Default: 30,000. */
  readonly max: number;
}

export const defaultBackoff: Backoff = { min: 500, max: 30_000 };

/**
 * The pause before the given attempt (0 is the first), in milliseconds. The limit doubles with every attempt up
 * to `max`; the pause is drawn evenly between `min` and that limit, so that browsers that lost the same server
 * at the same moment do not come back at the same moment.
 */
export function pauseBefore(attempt: number, { min, max }: Backoff, random: () => number): number {
  const limit = Math.min(max, min * 2 ** Math.min(attempt + 1, 30));
  return min + random() * (limit - min);
}
