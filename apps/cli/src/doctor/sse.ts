import { EventSourceParserStream } from 'eventsource-parser/stream';

import { reasonOf } from './reason.ts';

/** One event of the stream as it came over the wire. */
export interface SseFrame {
  /** `message` for what carries data; tRPC's `connected`, `ping`, `serialized-error`, `return` beside it. */
  readonly event: string;
  readonly id: string | undefined;
  /** From JSON; what is none stays text. */
  readonly data: unknown;
  /** When it arrived, in milliseconds since 1970. */
  readonly at: number;
}

export interface SseEnd {
  readonly at: number;
  readonly why: string;
}

export interface SseStream extends Disposable {
  /** The answer's head, once there is one. */
  readonly head: Response | undefined;
  readonly end: SseEnd | undefined;
  readonly openedAt: number;
  /** The first frame, heard already or within `ms`, for which this is true; undefined when none came. */
  next(like: (frame: SseFrame) => boolean, ms: number): Promise<SseFrame | undefined>;
}

export interface SseOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a stream and notes when each of its bytes' events came: an EventSource would hide the answer's head, and
 * reconnect where we want to see that it was cut.
 */
export function openSse(url: string, { headers = {}, signal }: SseOptions = {}): SseStream {
  const gone = new AbortController();
  const frames: SseFrame[] = [];
  const openedAt = Date.now();
  let head: Response | undefined;
  let end: SseEnd | undefined;
  let wake = Promise.withResolvers<void>();
  const notify = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };

  async function read(): Promise<void> {
    try {
      head = await fetch(url, {
        headers: { accept: 'text/event-stream', ...headers },
        cache: 'no-store',
        signal: signal === undefined ? gone.signal : AbortSignal.any([gone.signal, signal]),
      });
      notify();
      if (head.body !== null && isEventStream(head)) await readFrames(head.body);
      end = { at: Date.now(), why: 'the connection was closed' };
    } catch (error) {
      end = { at: Date.now(), why: reasonOf(error) };
    }
    notify();
  }

  async function readFrames(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    // Safari cannot iterate over a stream.
    const reader = events.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      frames.push({
        event: value.event ?? 'message',
        id: value.id,
        data: parsed(value.data),
        at: Date.now(),
      });
      notify();
    }
  }

  void read();
  return {
    openedAt,
    get head() {
      return head;
    },
    get end() {
      return end;
    },
    async next(like, ms) {
      const expired = Promise.withResolvers<'expired'>();
      const timer = setTimeout(() => expired.resolve('expired'), ms);
      try {
        for (;;) {
          const found = frames.find(like);
          if (found !== undefined || end !== undefined) return found;
          if ((await Promise.race([wake.promise, expired.promise])) === 'expired') return undefined;
        }
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.dispose]: () => gone.abort(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A heartbeat is empty, and whatever stands in between may say anything.
    return text;
  }
}

/** A member of what came over the wire; undefined when there is none. */
export function member(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[name] : undefined;
}

export function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') === true;
}
