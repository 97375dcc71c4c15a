import { PAYLOAD_BYTES } from './shared-sql.ts';
import { encodePosition, type Position } from './position.ts';

export interface Emission {
  readonly from: Position | undefined;
  readonly to: Position;
  /** All events of the batch. */
  readonly events: number;
  /** The transaction of each, in the order of the log; undefined: the events were not all notified together. */
  readonly xids: readonly bigint[] | undefined;
}

/**
 * What follows a batch's events, for servers, so that they need not read the log. Where it cannot say whose events
 * these were, it still says where the log stands, and they read.
 */
export function markOf({ from, to, events, xids }: Emission): string {
  if (from === undefined) return '{"read":true}';
  const ends = { from: encodePosition(from), to: encodePosition(to), events };
  if (xids !== undefined && xids.length === events) {
    const mark = JSON.stringify({ ...ends, xids: xids.map((xid) => Number(xid - from.snapshot.xmin)) });
    if (mark.length <= PAYLOAD_BYTES) return mark;
  }
  return JSON.stringify(ends);
}
