import type { Now, Report, Schedule } from './surroundings.ts';

export type LiveState = 'connecting' | 'live' | 'catching up' | 'paused' | 'offline' | 'signed out';

export interface LiveStatus {
  /**
   * `connecting`: the stream is being opened. `catching up`: it stands, and what was fetched before is being
   * fetched again. `live`: all of that is done. `paused`: too many streams are open or were opened, so the server
   * asked to be spared for a while; then it is tried again. `offline`: opening failed and is tried again (or was
   * refused).
   */
  readonly state: LiveState;
  /** Why, in words for people. */
  readonly reason: string;
  /** When the state began; for `paused` and `offline`, when the stream was lost. Milliseconds since 1970. */
  readonly since: number;
  /** When the last change event came; null if none came yet. */
  readonly lastEventAt: number | null;
  /** Channels that the server defines differently by now: the page works on, and should be loaded anew. */
  readonly outdated: readonly string[];
}

export interface StatusBoard {
  get(): LiveStatus;
  subscribe(listener: () => void): () => void;
  /** `since` is given when the state begins anew. */
  set(state: LiveState, reason: string, since?: number): void;
  outdated(channels: readonly string[]): void;
  /** A change event came. Shown at most once a second: a storm of events must not become a storm of renders. */
  eventCame(): void;
}

const SECOND = 1000;
const LOST: ReadonlySet<LiveState> = new Set(['connecting', 'paused', 'offline']);

export function createStatusBoard(options: { now: Now; schedule: Schedule; onError: Report }): StatusBoard {
  const { now, schedule, onError } = options;
  const listeners = new Set<() => void>();
  let status: LiveStatus = {
    state: 'connecting',
    reason: 'Not opened yet',
    since: now(),
    lastEventAt: null,
    outdated: [],
  };
  let lastEventAt: number | null = null;
  let scheduled = false;

  function publish(next: LiveStatus): void {
    status = next;
    for (const listener of Array.from(listeners)) {
      try {
        listener();
      } catch (error) {
        onError(error, 'A listener of the live status failed');
      }
    }
  }

  return {
    get: () => status,
    subscribe(listener) {
      // Wrapped, so that the same function twice is two subscriptions.
      const own = () => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    set(state, reason, since) {
      if (state === status.state && reason === status.reason && since === undefined) return;
      // Connecting that came to nothing: since the stream was lost.
      const isLost = state === 'offline' || state === 'paused';
      const stays = state === status.state || (isLost && LOST.has(status.state));
      publish({ ...status, state, reason, since: since ?? (stays ? status.since : now()), lastEventAt });
    },
    outdated(channels) {
      if (channels.join() !== status.outdated.join()) publish({ ...status, outdated: channels });
    },
    eventCame() {
      const shown = status.lastEventAt;
      lastEventAt = now();
      if (scheduled) return;
      const show = () => {
        scheduled = false;
        publish({ ...status, lastEventAt });
      };
      if (shown === null || lastEventAt - shown >= SECOND) return show();
      scheduled = true;
      schedule(show, SECOND - (lastEventAt - shown));
    },
  };
}
