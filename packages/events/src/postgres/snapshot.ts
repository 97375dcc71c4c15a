/**
 * What a reader of the log had seen, as PostgreSQL's `pg_snapshot` says it: every transaction below `xmin` has ended,
 * none from `xmax` on had, and of those between them the ones `inProgress` had not.
 */
export interface Snapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  /** In ascending order, from `xmin` (included, unless nothing is in progress) to `xmax` (not included). */
  readonly inProgress: readonly bigint[];
}

const LARGEST = 2n ** 64n - 1n;

/** Reads `pg_snapshot` as PostgreSQL writes it: `xmin:xmax:xid,xid,...`. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin, xmax, list] =
    /^(\d{1,20}):(\d{1,20}):((?:\d{1,20}(?:,\d{1,20})*)?)$/.exec(text)?.slice(1) ?? [];
  if (xmin === undefined || xmax === undefined || list === undefined) {
    throw new TypeError(`Not a pg_snapshot: ${text.slice(0, 100)}`);
  }
  const snapshot: Snapshot = {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    inProgress: list === '' ? [] : list.split(',').map(BigInt),
  };
  if (!isSnapshot(snapshot)) throw new TypeError(`Not a pg_snapshot: ${text.slice(0, 100)}`);
  return snapshot;
}

export function formatSnapshot({ xmin, xmax, inProgress }: Snapshot): string {
  return `${xmin}:${xmax}:${inProgress.join(',')}`;
}

/** What a statement asks for to read what was not seen: the transactions named, and all from a number on. */
export function startOf({ inProgress, xmax }: Snapshot): [inProgress: string[], xmax: string] {
  return [inProgress.map(String), String(xmax)];
}

/** Whether the numbers are in the order that a snapshot has. */
export function isSnapshot({ xmin, xmax, inProgress }: Snapshot): boolean {
  return (
    xmin >= 0n &&
    xmin <= xmax &&
    xmax <= LARGEST &&
    inProgress.every((xid, at) => xid >= xmin && xid < xmax && (at === 0 || xid > inProgress[at - 1]!))
  );
}

/** Whether what the transaction did was to be seen in the snapshot. */
export function isVisible(xid: bigint, { xmin, xmax, inProgress }: Snapshot): boolean {
  if (xid < xmin) return true;
  if (xid >= xmax) return false;
  let low = 0;
  let high = inProgress.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (inProgress[middle]! < xid) low = middle + 1;
    else high = middle;
  }
  return inProgress[low] !== xid;
}

/**
 * The snapshot without the transactions beyond the largest that wrote to the log. Those ended without a row, so
 * nothing is lost or doubled; and a number that was handed out but never written down may be handed out again after a
 * crash, to a transaction that nobody has seen.
 */
export function clamp({ xmax, inProgress }: Snapshot, largestSeenXid: bigint): Snapshot {
  const end = largestSeenXid + 1n < xmax ? largestSeenXid + 1n : xmax;
  const within = inProgress.filter((xid) => xid < end);
  return { xmin: within[0] ?? end, xmax: end, inProgress: within };
}

/**
 * The snapshot with those in progress below `end` counted as seen. Where the log was pruned up to `end` before it was
 * taken, they are of other databases: whoever pruned has waited for every transaction of this one.
 */
export function passOver({ xmax, inProgress }: Snapshot, end: bigint): Snapshot {
  const left = inProgress.filter((xid) => xid >= end);
  return { xmin: left[0] ?? xmax, xmax, inProgress: left };
}

/**
 * Whether nothing that the snapshot lacks can have been pruned with the rows below `end`. `now` was taken after that:
 * what it still has in progress there is of other databases.
 */
export function outlasts({ xmax, inProgress }: Snapshot, end: bigint, now: Snapshot): boolean {
  return xmax >= end && inProgress.every((xid) => xid >= end || !isVisible(xid, now));
}

/** Whether everything seen in `one` was seen in `other` too. Of two snapshots of one history it holds at least one way. */
export function isWithin(one: Snapshot, other: Snapshot): boolean {
  if (one.xmax > other.xmax) return false;
  return other.inProgress.every((xid) => !isVisible(xid, one));
}

/** The snapshot that sees what both see: what neither lacks. */
export function meet(one: Snapshot, other: Snapshot): Snapshot {
  if (isWithin(one, other)) return one;
  if (isWithin(other, one)) return other;
  const xmax = one.xmax < other.xmax ? one.xmax : other.xmax;
  const all = new Set([...one.inProgress, ...other.inProgress].filter((xid) => xid < xmax));
  const inProgress = [...all].toSorted((left, right) => (left < right ? -1 : 1));
  return { xmin: inProgress[0] ?? xmax, xmax, inProgress };
}

/** For sorting: of two snapshots of one history, that which saw less comes first. */
export function byAge(one: Snapshot, other: Snapshot): number {
  if (one.xmin !== other.xmin) return one.xmin < other.xmin ? -1 : 1;
  if (one.xmax !== other.xmax) return one.xmax < other.xmax ? -1 : 1;
  return other.inProgress.length - one.inProgress.length;
}
