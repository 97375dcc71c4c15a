/** What chance decides, told by a seed: the same seed decides the same again. */
export interface Random {
  /** From 0, below `end`. */
  below(end: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Each as often as its weight says. */
  weighted<T>(...list: readonly (readonly [number, T])[]): T;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)]!,
    weighted(...list) {
      let at = next() * list.reduce((sum, [weight]) => sum + weight, 0);
      return list.find(([weight]) => (at -= weight) < 0)![1];
    },
  };
}
