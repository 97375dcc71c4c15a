import type { Position } from './position.ts';
import { formatSnapshot, parseSnapshot, type Snapshot } from './snapshot.ts';

/** Up to where the pump has emitted what its writers did not ring: what `change_log_state` says, durably. */
export interface Cursor {
  readonly epoch: string | null;
  /** As it stands in the table. It is moved only from where it was, so that no two pumps emit the same. */
  readonly text: string | null;
  /** Undefined: nothing was ever emitted, so everything in the log is still to be. */
  readonly from: Snapshot | undefined;
  /** A batch too large for one transaction: it ends at `to`, and its events up to the id have been emitted. */
  readonly part: { readonly to: Snapshot; readonly id: string } | undefined;
}

export function readCursor(epoch: string | null, text: string | null): Cursor {
  const [from, to, id] = text?.split('|') ?? [];
  return {
    epoch,
    text,
    from: from === undefined ? undefined : parseSnapshot(from),
    part: to === undefined || id === undefined ? undefined : { to: parseSnapshot(to), id },
  };
}

/** What precedes the id in the text of a cursor that stands within a batch. */
export function partOf(from: Snapshot | undefined, to: Snapshot): string {
  return `${formatSnapshot(from ?? NOTHING)}|${formatSnapshot(to)}|`;
}

/** Sees no transaction at all: PostgreSQL's ordinary ids begin here. */
export const NOTHING: Snapshot = { xmin: 3n, xmax: 3n, inProgress: [] };

export function positionOf({ epoch, from }: Cursor): Position | undefined {
  return epoch === null || from === undefined ? undefined : { epoch, snapshot: from };
}
