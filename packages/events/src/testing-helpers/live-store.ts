import { expect, vi } from 'vitest';
import type { PositionEvent, ResyncEvent } from '../event.ts';
import type { Resync } from '../live/listeners.ts';
import type { LiveHandlers } from '../live/source.ts';
import { createLiveStore, type LiveStoreOptions } from '../live/store.ts';
import type { Surroundings } from '../live/surroundings.ts';

interface RoleEvent {
  readonly channel: 'role_changes';
  readonly team_id: number;
  readonly seq: number;
}
interface ProfileEvent {
  readonly channel: 'profile_changes';
  readonly seq: number;
}
export type AppEvent = RoleEvent | ProfileEvent;

export interface Opened {
  readonly input: { lastEventId?: string };
  readonly handlers: LiveHandlers<AppEvent>;
  closed: boolean;
}

/** A live store over streams that the test speaks for, in a browser that the test has its way with. */
export function setUp(options: Partial<LiveStoreOptions<AppEvent>> = {}) {
  let online = true;
  let hidden = false;
  const watchers = new Set<() => void>();
  const surroundings: Surroundings = {
    isOnline: () => online,
    isHidden: () => hidden,
    onChange(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
  };
  const streams: Opened[] = [];
  const onError = vi.fn<(error: unknown, what: string) => void>();
  const store = createLiveStore<AppEvent>({
    source: {
      open(input, handlers) {
        const opened: Opened = { input, handlers, closed: false };
        streams.push(opened);
        // As tRPC does: at once, from within.
        handlers.onConnectionStateChange({ state: 'connecting', error: null });
        return () => {
          opened.closed = true;
        };
      },
    },
    surroundings,
    random: () => 0,
    onError,
    ...options,
  });
  const heard: unknown[] = [];
  const resyncs: Resync[] = [];
  const resumed = vi.fn<() => void>();
  const ends: string[] = [];
  const listen = (only: { channels?: AppEvent['channel'][]; teamId?: number } = {}) =>
    store.addListener({
      ...only,
      onEvent: (event) => void heard.push(event.seq),
      onResync: (resync) => void resyncs.push(resync),
      onResumed: resumed,
      onEnd: (reason) => void ends.push(reason),
    });
  const last = () => streams.at(-1) as Opened;
  let sent = 0;
  const frame = (id: string, data: AppEvent | PositionEvent | ResyncEvent) => {
    last().handlers.onData({ id, data });
  };
  const send = (data: Parameters<typeof frame>[1]) => frame(`p${++sent}`, data);
  return {
    store,
    streams,
    heard,
    resyncs,
    resumed,
    ends,
    onError,
    listen,
    last,
    send,
    frame,
    watchers,
    change(to: { online?: boolean; hidden?: boolean }) {
      online = to.online ?? online;
      hidden = to.hidden ?? hidden;
      for (const watcher of watchers) watcher();
    },
    state: () => store.getStatus().state,
    /** Opens the stream and has it stand. */
    live() {
      const remove = listen();
      send({ channel: 'position' });
      expect(store.getStatus().state).toBe('live');
      return remove;
    },
  };
}

export const role = (seq: number, team_id = 1): AppEvent => ({ channel: 'role_changes', team_id, seq });

export function trpcError(code: string, message = 'no'): Error {
  return Object.assign(new Error(message), { data: { code }, shape: {} });
}
