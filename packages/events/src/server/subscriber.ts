import type { AnyChangeEvent, ResyncEvent, StreamEvent, StreamGreeting } from '../event.ts';
import { greetingOf } from '../greeting.ts';
import type { Revocation } from './access.ts';

/** One event on a stream, with the position it stands at. */
export interface Frame<Event extends AnyChangeEvent> {
  readonly id: string;
  readonly data: StreamEvent<Event>;
}

/** What a stream asks for: a part of what its viewer may hear, never more. */
export interface Selection {
  /** Only these channels. Default: all. */
  readonly channels?: Iterable<string> | undefined;
  /** Only these topics. Default: all. */
  readonly topics?: (topic: string) => boolean;
  /** The stream ends, saying `otherwise`, when the viewer may not, or no longer, hear one of these. */
  readonly requires?: readonly { readonly topic: string; readonly otherwise: string }[];
}

/**
 * The frames of one open stream, waiting to be read: at most `limit` of them. Beyond that they are replaced by one
 * `resync`, so that a slow reader costs no memory and still ends right.
 */
export class FrameQueue<Event extends AnyChangeEvent> implements AsyncIterableIterator<Frame<Event>> {
  #frames: Frame<Event>[] = [];
  #sent = 0;
  #waiting: PromiseWithResolvers<IteratorResult<Frame<Event>>> | undefined;
  #end: { error: Revocation | undefined } | undefined;
  readonly #limit: number;
  readonly #onClose: () => void;

  constructor(limit: number, onClose: () => void) {
    this.#limit = limit;
    this.#onClose = onClose;
  }

  push(frame: Frame<Event>): void {
    if (this.#end !== undefined) return;
    if (this.#waiting !== undefined) {
      this.#sent += 1;
      this.#waiting.resolve({ done: false, value: frame });
      this.#waiting = undefined;
    } else if (this.#frames.length < this.#limit) {
      this.#frames.push(frame);
    } else {
      // What the first frame says of the server is not lost with it.
      const [first] = this.#frames;
      const { contract, now }: StreamGreeting = first === undefined ? {} : greetingOf(first.data);
      const greeting = { ...(contract && { contract }), ...(now !== undefined && { now }) };
      const resync: ResyncEvent = { channel: 'resync', reason: 'too-slow', ...greeting };
      this.#frames = [{ id: frame.id, data: resync }];
    }
  }

  /** Frames that were read. */
  get sent(): number {
    return this.#sent;
  }

  /** Frames that nobody has read yet. */
  get length(): number {
    return this.#frames.length;
  }

  /** Takes back the unread frames that are not to be kept: what was withdrawn is not read later either. */
  keep(isKept: (frame: Frame<Event>) => boolean): void {
    this.#frames = this.#frames.filter(isKept);
  }

  /** Ends the stream: after the frames it holds, or at once, with an error, when it was revoked. */
  end(error?: Revocation): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    if (error !== undefined) this.#frames = [];
    this.#onClose();
    if (this.#waiting !== undefined) {
      if (error === undefined) this.#waiting.resolve({ done: true, value: undefined });
      else this.#waiting.reject(error);
      this.#waiting = undefined;
    }
  }

  async next(): Promise<IteratorResult<Frame<Event>>> {
    const frame = this.#frames.shift();
    if (frame !== undefined) {
      this.#sent += 1;
      return { done: false, value: frame };
    }
    if (this.#end !== undefined) {
      if (this.#end.error !== undefined) throw this.#end.error;
      return { done: true, value: undefined };
    }
    this.#waiting = Promise.withResolvers();
    return await this.#waiting.promise;
  }

  async return(): Promise<IteratorResult<Frame<Event>>> {
    this.#frames = [];
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
