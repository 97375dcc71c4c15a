import type { Cause, ChannelEvent, LiveSource } from '@processflow/events/react';
import type { Query } from '@tanstack/react-query';

export type Onlooker<Event> = (cause: Cause<Event>, queries: readonly Query[]) => void;

/** The stream as seen from outside; three values, renewed in place. */
export interface Link {
  /** How often a stream was opened since the page was loaded. */
  opened: number;
  /** The last frame's id. */
  position: string | undefined;
  /** About how far the server's clock is ahead of this device's, in milliseconds. */
  serverAhead: number;
}

/** Where the inspector looks on. While nobody does, nothing is kept and nothing is called. */
export interface Tap<Event extends ChannelEvent> {
  readonly link: Readonly<Link>;
  /** The same source, noting what `link` says. */
  through(source: LiveSource<Event>): LiveSource<Event>;
  /** For the invalidator's `onTouched`. */
  readonly onTouched: Onlooker<Event>;
  /** Returns how to look away. */
  look(onlooker: Onlooker<Event>): () => void;
}

export function createTap<Event extends ChannelEvent>(now: () => number = Date.now): Tap<Event> {
  const link: Link = { opened: 0, position: undefined, serverAhead: 0 };
  const onlookers = new Set<Onlooker<Event>>();
  return {
    link,
    through: (source) => ({
      open(input, handlers) {
        link.opened += 1;
        const askedAt = now();
        return source.open(input, {
          ...handlers,
          onData(frame) {
            const { id, data } = frame;
            if (id) link.position = id;
            // A change's row may have a column of that name.
            const greets = data.channel === 'position' || data.channel === 'resync';
            if (greets && 'now' in data && typeof data.now === 'number') {
              link.serverAhead = clockAhead(data.now, askedAt, now());
            }
            handlers.onData(frame);
          },
        });
      },
    }),
    onTouched(cause, queries) {
      for (const onlooker of onlookers) onlooker(cause, queries);
    },
    look(onlooker) {
      onlookers.add(onlooker);
      return () => void onlookers.delete(onlooker);
    },
  };
}

/**
 * How far a clock is ahead that showed `theirs` at some moment between these two of ours. Where the two clocks can agree
 * they are taken to; where they cannot, the answer is taken to have come at once.
 */
function clockAhead(theirs: number, askedAt: number, answeredAt: number): number {
  return askedAt <= theirs && theirs <= answeredAt ? 0 : theirs - answeredAt;
}
