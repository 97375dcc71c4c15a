import type { ResyncReason } from '../event.ts';
import type { ChannelEvent } from './source.ts';
import type { Report } from './surroundings.ts';

/** "You may have missed anything": on all channels, or on those named. */
export interface Resync {
  /** `opened`: the stream stands from now on; what was fetched before may be older. */
  readonly reason: ResyncReason | 'opened';
  readonly channels?: readonly string[];
}

export interface Listener<Event extends ChannelEvent, Channel extends Event['channel'] = Event['channel']> {
  /** Which channels to hear. Default: all. */
  readonly channels?: readonly Channel[] | undefined;
  /** Only events of this team; events that name no team come through. */
  readonly teamId?: number | undefined;
  onEvent(event: Extract<Event, { readonly channel: Channel }>): void;
  /** Everything known so far may be outdated. A promise keeps the status at `catching up` until it settles. */
  onResync?(resync: Resync): void | Promise<void>;
  /** The stream goes on from where it was lost: what changed meanwhile follows as events. */
  onResumed?(): void;
  /** The stream ended for good: signed out, or refused. */
  onEnd?(reason: string): void;
}

/** One listener among the others. */
export interface Added {
  remove(): void;
  /** Like `Listeners.resync`, for this one alone. */
  resync(resync: Resync): Promise<void>[];
}

export interface Listeners<Event extends ChannelEvent> {
  readonly size: number;
  add(listener: Listener<Event>): Added;
  event(event: Event): void;
  /** Tells those concerned; returns what they still have to do. */
  resync(resync: Resync): Promise<void>[];
  resumed(): void;
  end(reason: string): void;
}

export function createListeners<Event extends ChannelEvent>(options: {
  teamOf: (event: Event) => unknown;
  onError: Report;
}): Listeners<Event> {
  const { teamOf, onError } = options;
  const all = new Set<Listener<Event>>();

  /** Calls every listener; one that throws harms no other, one removed meanwhile is not called any more. */
  function each(tell: (listener: Listener<Event>) => void, what: string, whom = Array.from(all)): void {
    for (const listener of whom) {
      if (!all.has(listener)) continue;
      try {
        tell(listener);
      } catch (error) {
        onError(error, what);
      }
    }
  }

  function wants({ channels, teamId }: Listener<Event>, event: Event): boolean {
    if (channels && !channels.includes(event.channel)) return false;
    if (teamId === undefined) return true;
    const team = teamOf(event);
    return team === undefined || team === null || team === teamId;
  }

  function tellResync(resync: Resync, whom?: Listener<Event>[]): Promise<void>[] {
    const what = 'A listener failed at a resync';
    const open: Promise<void>[] = [];
    each(
      (listener) => {
        const heard: readonly string[] | undefined = listener.channels;
        if (heard && resync.channels && !resync.channels.some((channel) => heard.includes(channel))) return;
        const done = listener.onResync?.(resync);
        // A callback typed as void may return anything.
        if (done instanceof Promise) open.push(done.catch((error: unknown) => onError(error, what)));
      },
      what,
      whom,
    );
    return open;
  }

  return {
    get size() {
      return all.size;
    },
    add(listener) {
      // Wrapped, so that the same object twice is two listeners.
      const own: Listener<Event> = {
        channels: listener.channels,
        teamId: listener.teamId,
        onEvent: (event) => listener.onEvent(event),
        onResync: (resync) => listener.onResync?.(resync),
        onResumed: () => listener.onResumed?.(),
        onEnd: (reason) => listener.onEnd?.(reason),
      };
      all.add(own);
      return {
        remove: () => void all.delete(own),
        resync: (resync) => tellResync(resync, [own]),
      };
    },
    event(event) {
      each((listener) => {
        if (wants(listener, event)) listener.onEvent(event as Extract<Event, { readonly channel: string }>);
      }, `A listener failed at an event of ${event.channel}`);
    },
    resync: (resync) => tellResync(resync),
    resumed() {
      each((listener) => listener.onResumed?.(), 'A listener failed when the stream went on');
    },
    end(reason) {
      each((listener) => listener.onEnd?.(reason), 'A listener failed at the end of the stream');
    },
  };
}
