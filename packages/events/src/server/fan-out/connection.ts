import { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

import type { AnyChangeEvent } from '../../event.ts';
import type { Revocation } from '../access.ts';
import { chunkOf, type Delivery } from '../delivery.ts';
import type { FrameQueue, Sink } from '../subscriber.ts';
import type { Wire } from '../wire.ts';
import type { Pinged, Pings } from './pings.ts';

/** A connection, and the stream that is to be written to it. */
export interface Attachment {
  readonly response: ServerResponse;
  readonly queue: FrameQueue<AnyChangeEvent>;
  readonly wire: Wire;
  /** Milliseconds; undefined: it is never pinged. */
  readonly pingEvery: number | undefined;
  /** What is written last; never rejects. */
  last(revocation: Revocation | undefined): Promise<string | undefined>;
}

export interface ConnectionOptions extends Omit<Attachment, 'pingEvery'> {
  /** Bytes that may wait to be sent; with more the stream is set aside until they are. */
  readonly bufferLimit: number;
  readonly pings: Pings | undefined;
  readonly onWrite: (delivery: Delivery<AnyChangeEvent>, bytes: number) => void;
  readonly onClose: () => void;
}

/**
 * The open connection of one stream, written to without being asked. Where nobody stands between the response and its
 * socket, chunks are written to the socket as they are: the response would make three writes of each.
 */
export class Connection implements Sink<AnyChangeEvent>, Pinged {
  movedAt = 0;
  place = 0;
  readonly #options: ConnectionOptions;
  readonly #out: Writable;
  readonly #isChunked: boolean;
  #pending: Buffer[] = [];
  #isBehind = false;
  /** Bytes that its client had taken when that was last looked at. */
  #taken: number | undefined;
  #isOver = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { response, queue, pings } = options;
    const isBare = response.write === ServerResponse.prototype.write && response.chunkedEncoding;
    this.#out = isBare ? response.socket! : response;
    this.#isChunked = isBare;
    response.once('close', () => this.#close());
    this.#out.on('drain', this.#onDrain);
    pings?.add(this);
    queue.attach(this);
  }

  /** Frames of one tick are written at once. */
  write(delivery: Delivery<AnyChangeEvent>): void {
    if (this.#isOver) return;
    const bytes = delivery.bytes(this.#options.wire, this.#isChunked);
    this.#options.onWrite(delivery, bytes.length);
    if (this.#pending.push(bytes) === 1) flushSoon(this);
  }

  flush(): void {
    const pending = this.#pending;
    if (pending.length === 0 || this.#isOver) return;
    this.#pending = [];
    this.#send(pending.length === 1 ? pending[0]! : Buffer.concat(pending));
    const { bufferLimit, queue } = this.#options;
    // Where no `drain` will come, it would be behind for ever.
    if (this.#isBehind || !this.#out.writableNeedDrain || this.#out.writableLength <= bufferLimit) return;
    this.#isBehind = true;
    this.#taken = this.#countTaken();
    queue.behind(true);
  }

  /** Keeps it awake. One that still waits, and has taken nothing since that was last looked at, is gone. */
  ping(): void {
    const { response, wire } = this.#options;
    if (!this.#out.writableNeedDrain) return this.#send(pingOf(wire, this.#isChunked));
    const taken = this.#countTaken();
    if (taken === this.#taken) response.destroy();
    this.#taken = taken;
  }

  /** As in the queue, what is not written yet goes when the stream is revoked. */
  end(revocation: Revocation | undefined): void {
    if (this.#isOver) return;
    if (revocation === undefined) this.flush();
    this.#isOver = true;
    this.#options.pings?.remove(this);
    const { response, last } = this.#options;
    void last(revocation).then((text) => response.end(text));
  }

  /** Ends it so that its client comes back, after so many milliseconds. */
  sendAway(retry: number): void {
    if (this.#isOver) return;
    this.flush();
    this.#isOver = true;
    this.#options.pings?.remove(this);
    this.#options.response.end(`retry: ${retry}\n\n`);
    void this.#options.queue.return();
  }

  #send(bytes: Buffer): void {
    const { pings } = this.#options;
    if (pings !== undefined) this.movedAt = pings.turn;
    this.#out.write(bytes);
  }

  #countTaken(): number {
    const { bytesWritten, writableLength } = this.#options.response.socket!;
    return bytesWritten - writableLength;
  }

  readonly #onDrain = (): void => {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.#options.queue.behind(false);
  };

  #close(): void {
    this.#isOver = true;
    this.#out.off('drain', this.#onDrain);
    this.#options.pings?.remove(this);
    this.#options.onClose();
    void this.#options.queue.return();
  }
}

const pings = new WeakMap<Wire, { readonly text: Buffer; readonly chunk: Buffer }>();

function pingOf(wire: Wire, isChunk: boolean): Buffer {
  let ping = pings.get(wire);
  if (ping === undefined) {
    ping = { text: Buffer.from(wire.ping), chunk: chunkOf(wire.ping) };
    pings.set(wire, ping);
  }
  return isChunk ? ping.chunk : ping.text;
}

let dirty: Connection[] = [];

/** Once everything that this turn of the event loop has to say is said. */
function flushSoon(connection: Connection): void {
  if (dirty.push(connection) === 1) process.nextTick(flushAll);
}

function flushAll(): void {
  const connections = dirty;
  dirty = [];
  for (const connection of connections) connection.flush();
}
