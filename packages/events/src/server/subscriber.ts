import type { AnyChangeEvent, ResyncEvent, StreamEvent, StreamGreeting } from '../event.ts';
import { greetingOf } from '../greeting.ts';
import type { Revocation } from './access.ts';
import { Delivery } from './delivery.ts';

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

/** What a stream's frames are written to as they come, without being asked for. */
export interface Sink<Event extends AnyChangeEvent> {
  write(delivery: Delivery<Event>): void;
  /** Nothing comes after this; with why, when the stream was revoked. */
  end(error: Revocation | undefined): void;
}

/**
 * The frames of one open stream, waiting to be read: at most `limit` of them. Beyond that they are replaced by one
 * `resync`, so that a slow reader, and many frames at once, cost no memory and the stream still ends right. Attached to
 * a {@link Sink}, it holds none.
 */
export class FrameQueue<Event extends AnyChangeEvent> implements AsyncIterableIterator<Frame<Event>> {
  #frames: Frame<Event>[] = [];
  #sent = 0;
  #waiting: PromiseWithResolvers<IteratorResult<Frame<Event>>> | undefined;
  #end: { error: Revocation | undefined } | undefined;
  #sink: Sink<Event> | undefined;
  #position: string | undefined;
  readonly #limit: number;
  readonly #startOver: (greeting: StreamGreeting) => ResyncEvent;
  readonly #onClose: () => void;
  readonly #onBehind: (isBehind: boolean) => void;

  /** `startOver` makes the resync that replaces the unread frames, and says what the first of them said of the server. */
  constructor(
    limit: number,
    startOver: (greeting: StreamGreeting) => ResyncEvent,
    onClose: () => void,
    onBehind: (isBehind: boolean) => void = () => undefined,
  ) {
    this.#limit = limit;
    this.#startOver = startOver;
    this.#onClose = onClose;
    this.#onBehind = onBehind;
  }

  push(delivery: Delivery<Event>): void {
    if (this.#end !== undefined) return;
    this.#position = delivery.position;
    if (this.#sink === undefined) {
      for (const frame of delivery.frames) this.#keep(frame);
    } else {
      this.#sent += delivery.frames.length;
      this.#sink.write(delivery);
    }
  }

  /** From now on, and with what it holds, frames go to the sink. */
  attach(sink: Sink<Event>): void {
    this.#sink = sink;
    const frames = this.#frames.splice(0);
    if (frames.length > 0) {
      this.#sent += frames.length;
      sink.write(new Delivery(frames));
    }
    if (this.#end !== undefined) sink.end(this.#end.error);
  }

  /** Said by the sink: it holds more than it should, or has got rid of it. */
  behind(isBehind: boolean): void {
    if (this.#end === undefined) this.#onBehind(isBehind);
  }

  #keep(frame: Frame<Event>): void {
    if (this.#waiting !== undefined) {
      this.#sent += 1;
      this.#waiting.resolve({ done: false, value: frame });
      this.#waiting = undefined;
    } else if (this.#frames.length < this.#limit) {
      this.#frames.push(frame);
    } else {
      this.#frames = [{ id: frame.id, data: this.#resyncAfter(this.#frames[0]?.data) }];
    }
  }

  /** An unread resync of all channels stays the one that is read; of another frame what it says of the server stays. */
  #resyncAfter(first: StreamEvent<Event> | undefined): ResyncEvent {
    if (first === undefined) return this.#startOver({});
    if (isWholeResync(first)) return first;
    const { contract, now } = greetingOf(first);
    return this.#startOver({ ...(contract && { contract }), ...(now !== undefined && { now }) });
  }

  /** Frames that were read. */
  get sent(): number {
    return this.#sent;
  }

  /** The position of whoever has read all that was pushed. */
  get position(): string | undefined {
    return this.#position;
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
    this.#sink?.end(error);
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

function isWholeResync(data: { readonly channel: string }): data is ResyncEvent {
  return data.channel === 'resync' && (data as ResyncEvent).channels === undefined;
}
