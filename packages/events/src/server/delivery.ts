import type { AnyChangeEvent, StreamEvent } from '../event.ts';
import type { Frame } from './subscriber.ts';
import type { Wire } from './wire.ts';

/**
 * What one batch gives those who hear the same of it. All frames carry the position before the batch but the last, which
 * carries the one after it: whoever breaks off in between gets the whole batch again, and knows by `seq` what of it they
 * have. Their bytes are made once for each wire.
 */
export class Delivery<Event extends AnyChangeEvent> {
  readonly frames: readonly Frame<Event>[];
  #encoded: { readonly wire: Wire; readonly isChunk: boolean; readonly bytes: Buffer }[] = [];

  constructor(frames: readonly Frame<Event>[]) {
    this.frames = frames;
  }

  /** What a batch from one position to another gives: at least one event. */
  static ofBatch<Event extends AnyChangeEvent>(
    events: readonly StreamEvent<Event>[],
    from: string,
    to: string,
  ): Delivery<Event> {
    const last = events.length - 1;
    return new Delivery(events.map((data, at) => ({ id: at === last ? to : from, data })));
  }

  /** The position of whoever has it all. */
  get position(): string {
    return this.frames.at(-1)!.id;
  }

  /** As they are written to one kind of client; `isChunk`: as a chunk of HTTP/1.1. */
  bytes(wire: Wire, isChunk: boolean): Buffer {
    let encoded = this.#encoded.find((one) => one.wire === wire && one.isChunk === isChunk);
    if (encoded === undefined) {
      const text = this.frames.map(({ data, id }) => wire.encode(data, id)).join('');
      encoded = { wire, isChunk, bytes: isChunk ? chunkOf(text) : Buffer.from(text) };
      this.#encoded.push(encoded);
    }
    return encoded.bytes;
  }
}

/** A chunk of HTTP/1.1 (RFC 9112, section 7.1). */
export function chunkOf(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}
