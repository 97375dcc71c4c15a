import type { StreamGreeting } from '../event.ts';
import { greetingOf } from '../greeting.ts';
import type { ChannelEvent, Frame } from './source.ts';
import type { Now } from './surroundings.ts';

/** What the shared stream brought last, for pages that come to it later than the others or again. */
export interface Tape<Event extends ChannelEvent> {
  /** Where the stream is. */
  readonly position: string | undefined;
  readonly length: number;
  take(frame: Frame<Event>): void;
  /** How a stream begins that a page opens now: its first frame, and what the page missed. */
  beginning(lastEventId: string | undefined): Frame<Event>[];
  /** The stream starts over: nothing of before leads to what comes now. */
  clear(): void;
}

export function createTape<Event extends ChannelEvent>(options: { limit: number; now: Now }): Tape<Event> {
  const { limit, now } = options;
  let position: string | undefined;
  let frames: { readonly before: string | undefined; readonly frame: Frame<Event> }[] = [];
  /** Whoever is there has not all that followed it any more. */
  let forgotten: string | undefined;
  let greeting: StreamGreeting = {};
  let serverAhead = 0;

  /** A page at a position may have any part of what came at it: that goes as a whole or not at all. */
  function forgetOldest(): void {
    forgotten = frames[0]?.before;
    const next = frames.findIndex(({ before }) => before !== forgotten);
    frames = next === -1 ? [] : frames.slice(next);
  }

  function greet(): StreamGreeting {
    return { ...(greeting.contract && { contract: greeting.contract }), now: now() + serverAhead };
  }

  return {
    get position() {
      return position;
    },
    get length() {
      return frames.length;
    },
    take(frame) {
      const said = greetingOf(frame.data);
      if (said.contract) greeting = said;
      if (said.now !== undefined) serverAhead = said.now - now();
      frames.push({ before: position, frame });
      if (frame.id) position = frame.id;
      if (frames.length > limit) forgetOldest();
    },
    beginning(lastEventId) {
      const id = position ?? '';
      if (lastEventId === undefined) return [{ id, data: { channel: 'position', ...greet() } }];
      if (lastEventId !== forgotten) {
        const next = frames.findIndex(({ before }) => before === lastEventId);
        const missed = next === -1 ? [] : frames.slice(next).map(({ frame }) => frame);
        if (missed.length > 0 || lastEventId === position) {
          return [{ id: lastEventId, data: { channel: 'position', ...greet() } }, ...missed];
        }
      }
      return [{ id, data: { channel: 'resync', reason: 'too-far-behind', ...greet() } }];
    },
    clear() {
      position = undefined;
      forgotten = undefined;
      frames = [];
    },
  };
}
