import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useInsertionEffect,
  useRef,
  useSyncExternalStore,
} from 'react';
import type { ReactElement, ReactNode } from 'react';
import { EventsError } from '../error.ts';
import type { Listener, Resync } from '../live/listeners.ts';
import type { ChannelEvent } from '../live/source.ts';
import type { LiveStatus } from '../live/status.ts';
import type { LiveStore } from '../live/store.ts';

export interface RealtimeSubscription<Event extends ChannelEvent, Channel extends Event['channel']> {
  /** Which channels to hear. */
  readonly channels: readonly Channel[];
  /** Only events of this team; events that name no team come through. */
  readonly teamId?: number | undefined;
  /** Default: true. */
  readonly enabled?: boolean | undefined;
  /** Called with every event, always the function of the latest render. */
  onEvent(event: Extract<Event, { readonly channel: Channel }>): void;
  /** Events may have been missed. Queries are fetched again without it; it is for state of one's own. */
  onResync?(resync: Resync): void;
}

export interface LiveProviderProps<Event extends ChannelEvent> {
  readonly store: LiveStore<Event>;
  /** Hears everything as long as the provider is mounted; usually the invalidator. */
  readonly invalidator?: Listener<Event> | undefined;
  readonly children?: ReactNode;
}

export interface Realtime<Event extends ChannelEvent> {
  LiveProvider(props: LiveProviderProps<Event>): ReactElement;
  /**
   * Calls `onEvent` with the events of the named channels while the component is mounted. A filter on the app's
   * one stream, which opens with the first listener and closes with the last.
   *
   * @example
   * useRealtimeSubscription({ channels: ['role_changes'], teamId, onEvent: (event) => flash(event.id) });
   */
  useRealtimeSubscription<const Channel extends Event['channel']>(
    subscription: RealtimeSubscription<Event, Channel>,
  ): void;
  /** The stream's state, with a reason in words. */
  useLiveStatus(): LiveStatus;
}

/**
 * Makes the provider and the hooks, typed by the union of events. Call it once, beside the store.
 * The hooks throw {@link EventsError} `no-provider` in a component that stands under no provider.
 *
 * @example
 * const { LiveProvider, useRealtimeSubscription } = createRealtime<AppEvent>();
 * const page = (
 *   <LiveProvider store={store} invalidator={invalidator}>
 *     <App />
 *   </LiveProvider>
 * );
 */
export function createRealtime<Event extends ChannelEvent>(): Realtime<Event> {
  const StoreContext = createContext<LiveStore<Event> | undefined>(undefined);

  function useStore(hook: string): LiveStore<Event> {
    const store = useContext(StoreContext);
    if (!store) {
      throw new EventsError(
        'no-provider',
        `${hook} needs a <LiveProvider store={...}> above the component that uses it; see node_modules/@processflow/events/docs/errors.md#no-provider.`,
      );
    }
    return store;
  }

  return {
    LiveProvider({ store, invalidator, children }) {
      useEffect(() => (invalidator ? store.addListener(invalidator) : undefined), [store, invalidator]);
      // No JSX: Node runs this file as it is, for programs that want the live store or the invalidator alone.
      return createElement(StoreContext.Provider, { value: store }, children);
    },

    useRealtimeSubscription(subscription) {
      const store = useStore('useRealtimeSubscription');
      const latest = useRef(subscription);
      useInsertionEffect(() => {
        latest.current = subscription;
      });
      const { teamId, enabled = true } = subscription;
      // Channels are usually written in place: a new array at every render must not attach anew.
      const channels = subscription.channels.join('\n');
      useEffect(() => {
        if (!enabled) return undefined;
        return store.addListener({
          channels: latest.current.channels,
          teamId,
          onEvent: (event) => latest.current.onEvent(event),
          onResync: (resync) => latest.current.onResync?.(resync),
        });
      }, [store, enabled, channels, teamId]);
    },

    useLiveStatus() {
      const store = useStore('useLiveStatus');
      return useSyncExternalStore(store.subscribeStatus, store.getStatus, store.getStatus);
    },
  };
}
