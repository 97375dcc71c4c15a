import { createHash } from 'node:crypto';

import { LONGEST_POSITION } from '../position-length.ts';
import { isSnapshot, type Snapshot } from './snapshot.ts';

/** How far a subscriber has come: everything seen in `snapshot`, in the history that `epoch` names. */
export interface Position {
  readonly epoch: string;
  readonly snapshot: Snapshot;
}

const EPOCH_LENGTH = 6;
/** No epoch begins so. */
const UNREADABLE = '~';
const EPOCH = /^[\w-]{6}$/;
const LARGEST_ORDER = 31;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * One opaque string, fit for a frame's `id:`. With 100 writers open it takes 88 characters when at most 8 transactions
 * ended between two of them, 102 with 16, 260 with 10,000. What is written down are the distances between those in progress,
 * less the smallest distance, as exponential Golomb codes whose order fits the median. A single transaction left open
 * for days costs some bits more, not a list of days. What would be longer than is taken back is replaced by a name that says
 * nothing but is its own: who comes back with it is remembered by the hub, or starts over.
 */
export function encodePosition(position: Position): string {
  const text = encodeWhole(position);
  if (text.length <= LONGEST_POSITION) return text;
  return UNREADABLE + createHash('sha256').update(text).digest('base64url');
}

function encodeWhole({ epoch, snapshot }: Position): string {
  if (!EPOCH.test(epoch)) throw new TypeError(`Not an epoch: ${epoch}`);
  if (!isSnapshot(snapshot)) throw new TypeError('Not a snapshot');
  const { xmin, xmax, inProgress } = snapshot;
  // The first in progress stands at xmin, so what remains to be said lies behind it.
  const bits = [
    golomb(xmin, 32),
    golomb(BigInt(inProgress.length), 3),
    golomb(xmax - (inProgress.at(-1) ?? xmin), 3),
  ];
  const distances = inProgress.slice(1).map((xid, at) => xid - inProgress[at]! - 1n);
  if (distances.length > 0) {
    const sorted = distances.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
    const smallest = sorted[0]!;
    const median = sorted[sorted.length >>> 1]! - smallest;
    const order = Math.min(LARGEST_ORDER, median === 0n ? 0 : median.toString(2).length);
    bits.push(golomb(smallest, 2), golomb(BigInt(order), 2));
    for (const distance of distances) bits.push(golomb(distance - smallest, order));
  }
  return epoch + toCharacters(bits.join(''));
}

/** What the string says, or undefined: it comes back from outside and may be anything. */
export function decodePosition(text: string): Position | undefined {
  if (typeof text !== 'string' || text.length > LONGEST_POSITION) return undefined;
  const epoch = text.slice(0, EPOCH_LENGTH);
  if (!EPOCH.test(epoch)) return undefined;
  const read = bitReader(text.slice(EPOCH_LENGTH));
  const xmin = read?.golomb(32);
  const count = read?.golomb(3);
  const rest = read?.golomb(3);
  if (read === undefined || xmin === undefined || count === undefined || rest === undefined) return undefined;
  if (count > BigInt(LONGEST_POSITION * 6)) return undefined;
  const inProgress: bigint[] = count > 0n ? [xmin] : [];
  if (count > 1n) {
    const smallest = read.golomb(2);
    const order = read.golomb(2);
    if (smallest === undefined || order === undefined || order > LARGEST_ORDER) return undefined;
    for (let last = xmin; inProgress.length < count; inProgress.push(last)) {
      const above = read.golomb(Number(order));
      if (above === undefined) return undefined;
      last += smallest + above + 1n;
    }
  }
  const position = { epoch, snapshot: { xmin, xmax: (inProgress.at(-1) ?? xmin) + rest, inProgress } };
  // One position, one string: what says the same in other words was not made here either.
  if (!isSnapshot(position.snapshot) || encodePosition(position) !== text) return undefined;
  return position;
}

/** A number from 0 as an exponential Golomb code: short when it has about `order` bits, possible whatever it is. */
function golomb(value: bigint, order: number): string {
  const bits = (value + (1n << BigInt(order))).toString(2);
  return '0'.repeat(bits.length - 1 - order) + bits;
}

function toCharacters(bits: string): string {
  const groups = bits.match(/.{1,6}/g) ?? [];
  return groups.map((group) => ALPHABET[Number.parseInt(group.padEnd(6, '0'), 2)]).join('');
}

interface BitReader {
  /** The next number, or undefined where there is none. */
  golomb(order: number): bigint | undefined;
}

function bitReader(characters: string): BitReader | undefined {
  const values = Array.from(characters, (character) => ALPHABET.indexOf(character));
  if (values.includes(-1)) return undefined;
  const bits = values.map((value) => value.toString(2).padStart(6, '0')).join('');
  let at = 0;
  return {
    golomb(order) {
      const one = bits.indexOf('1', at);
      const end = one + (one - at) + order + 1;
      // No number here has more than 64 bits.
      if (one === -1 || end > bits.length || end - one > 65) return undefined;
      at = end;
      return BigInt(`0b${bits.slice(one, end)}`) - (1n << BigInt(order));
    },
  };
}
