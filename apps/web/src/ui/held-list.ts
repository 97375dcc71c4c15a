export interface HeldList<Row> {
  readonly rows: readonly Row[];
  /** How many rows wait to appear, to go or to move. */
  readonly waiting: number;
}

/**
 * What a list shows while the pointer is over it: the rows it showed, in their order, each with its newest
 * content; what would come, go or move is only counted.
 */
export function holdRows<Row>(
  shown: readonly Row[],
  next: readonly Row[],
  keyOf: (row: Row) => string | number,
): HeldList<Row> {
  const newest = new Map(next.map((row) => [keyOf(row), row]));
  const known = new Set(shown.map(keyOf));
  const rows = shown.map((row) => newest.get(keyOf(row)) ?? row);
  const gone = shown.filter((row) => !newest.has(keyOf(row))).length;
  const come = next.filter((row) => !known.has(keyOf(row))).length;
  const before = shown.map(keyOf).filter((key) => newest.has(key));
  const after = next.map(keyOf).filter((key) => known.has(key));
  return { rows, waiting: gone + come + movedCount(before, after) };
}

/** How few of the keys have to move to get from one order to the other. */
function movedCount(before: readonly (string | number)[], after: readonly (string | number)[]): number {
  const places = new Map(before.map((key, place) => [key, place]));
  // The longest run of keys that keep their order stays; the others move.
  const tails: number[] = [];
  for (const key of after) {
    const place = places.get(key) ?? 0;
    const at = tails.findIndex((tail) => tail >= place);
    if (at === -1) tails.push(place);
    else tails[at] = place;
  }
  return after.length - tails.length;
}

/** The keys of rows that are new or differ, by fingerprint. */
export function changedKeys<Key extends string | number>(
  before: ReadonlyMap<Key, string>,
  after: ReadonlyMap<Key, string>,
): Key[] {
  return [...after].filter(([key, print]) => before.get(key) !== print).map(([key]) => key);
}
