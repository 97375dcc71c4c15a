import { lossOf, type ChannelEvent, type Frame, type LiveSource } from './source.ts';
import type { Now, Report, Schedule } from './surroundings.ts';

export interface StreamOptions<Event extends ChannelEvent> {
  readonly source: LiveSource<Event>;
  readonly position: string | undefined;
  readonly firstAnswerMs: number;
  readonly silenceMs: number;
  readonly now: Now;
  readonly schedule: Schedule;
  /** `before`: how many came on this stream before it. */
  onFrame(frame: Frame<Event>, before: number): void;
  /** It came to nothing more, for a reason that may pass. */
  onLost(reason: string, error?: unknown): void;
  /** The server, or the connection, said this. */
  onFailed(error: unknown): void;
  readonly onError: Report;
}

export interface Stream {
  open(): void;
  leave(): void;
}

const SECOND = 1000;

/** One connection, from its opening to its end: nothing is heard of it before `open` and after `leave`. */
export function createStream<Event extends ChannelEvent>(options: StreamOptions<Event>): Stream {
  const { source, position, firstAnswerMs, silenceMs, now, schedule, onError } = options;
  let over = false;
  let stands = false;
  let heardAt = 0;
  let count = 0;
  let close: (() => void) | undefined;
  let cancelTimer: (() => void) | undefined;

  const guarded =
    <Args extends unknown[]>(handle: (...args: Args) => void) =>
    (...args: Args) => {
      if (over) return;
      try {
        handle(...args);
      } catch (error) {
        onError(error, 'A frame of the live stream could not be handled');
      }
    };

  /** One timer however many frames come. A timer of the browser's would take Infinity for "at once". */
  function awaitSilence(ms: number): void {
    if (ms === Infinity) return;
    cancelTimer = schedule(() => {
      const left = heardAt + silenceMs - now();
      if (left > 0) awaitSilence(left);
      else options.onLost('Nothing was heard from the server for a while');
    }, ms);
  }

  function hear(frame: Frame<Event>): void {
    heardAt = now();
    options.onFrame(frame, count++);
    if (stands || over) return;
    stands = true;
    cancelTimer?.();
    awaitSilence(silenceMs);
  }

  return {
    open() {
      cancelTimer = schedule(() => {
        const within = `No answer from the server within ${firstAnswerMs / SECOND} s`;
        options.onLost(`${within}; something in between may hold it back`);
      }, firstAnswerMs);
      try {
        const closeSource = source.open(position === undefined ? {} : { lastEventId: position }, {
          onData: guarded(hear),
          onError: guarded((error) => options.onFailed(error)),
          onComplete: guarded(() => options.onLost('The server ended the connection')),
          onConnectionStateChange: guarded(({ state, error }) => {
            // The transport would reconnect by itself, but without jitter, and for good only sometimes.
            if (state === 'connecting' && (error || stands)) options.onLost(lossOf(error), error);
          }),
        });
        if (over) closeSource();
        else close = closeSource;
      } catch (error) {
        onError(error, 'The live stream could not be opened');
        if (!over) options.onLost('The connection could not be opened');
      }
    },
    leave() {
      over = true;
      cancelTimer?.();
      close?.();
    },
  };
}
