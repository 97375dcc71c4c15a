import type { Replay } from '../batch.ts';
import { decodePosition, type Position } from './position.ts';
import { byAge } from './snapshot.ts';

/** Somebody who waits for a read. */
export interface Ask {
  readonly position: string | undefined;
  readonly answer: (replay: Replay) => void;
}

/** All who wait with the same position. */
export interface AskGroup {
  readonly position: Position;
  readonly asks: readonly Ask[];
}

export interface SortedAsks {
  /** They want no replay, only the read. */
  readonly fresh: readonly Ask[];
  /** Theirs is no position. */
  readonly unreadable: readonly Ask[];
  /** Those who have seen least come first. */
  readonly groups: readonly AskGroup[];
}

/** After a restart thousands wait with a few positions: each is read once. */
export function sortAsks(asks: readonly Ask[]): SortedAsks {
  const fresh: Ask[] = [];
  const unreadable: Ask[] = [];
  const groups: AskGroup[] = [];
  for (const [text, same] of Map.groupBy(asks, ({ position }) => position)) {
    const position = text === undefined ? undefined : decodePosition(text);
    if (text === undefined) fresh.push(...same);
    else if (position === undefined) unreadable.push(...same);
    else groups.push({ position, asks: same });
  }
  return {
    fresh,
    unreadable,
    groups: groups.toSorted((one, other) => byAge(one.position.snapshot, other.position.snapshot)),
  };
}
