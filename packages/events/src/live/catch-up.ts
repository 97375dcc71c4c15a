import type { Listeners, Resync } from './listeners.ts';
import type { ChannelEvent } from './source.ts';
import type { Schedule } from './surroundings.ts';

export interface CatchUp {
  /** True when nothing that was known before waits to be fetched again. */
  readonly isOver: boolean;
  /** Why something is fetched again. */
  readonly reason: Resync['reason'];
  /** Tells the listeners; with `spread`, in so many milliseconds, when it is this page's turn. */
  begin(resync: Resync, spread?: number): void;
  /** Waits for these as well. */
  await(refetches: readonly Promise<void>[]): void;
  /** Waits no longer for what was begun: something begun after this covers it. */
  forgive(): void;
  /** Forgets also what listeners have not been told yet. */
  forget(): void;
}

/** What was known before and is being fetched again, and what will be soon. */
export function createCatchUp<Event extends ChannelEvent>(options: {
  readonly listeners: Listeners<Event>;
  readonly schedule: Schedule;
  onProgress(): void;
}): CatchUp {
  const { listeners, schedule, onProgress } = options;
  const refetching = new Set<Promise<void>>();
  let later: { resync: Resync; cancel(): void } | undefined;
  let reason: Resync['reason'] = 'opened';

  function wait(refetches: readonly Promise<void>[]): void {
    for (const refetch of refetches) {
      refetching.add(refetch);
      void refetch.then(() => {
        if (refetching.delete(refetch)) onProgress();
      });
    }
    onProgress();
  }

  function tell(resync: Resync): void {
    wait(listeners.resync(resync));
  }

  function drop(): void {
    later?.cancel();
    later = undefined;
  }

  /** At most one waits: told of another meanwhile, it is of everything, in the turn that was given first. */
  function delay(resync: Resync, spread: number): void {
    if (later) {
      later.resync = { reason };
      return;
    }
    const cancel = schedule(() => {
      const due = later;
      later = undefined;
      if (due) tell(due.resync);
    }, spread);
    later = { resync, cancel };
    onProgress();
  }

  return {
    get isOver() {
      return refetching.size === 0 && !later;
    },
    get reason() {
      return reason;
    },
    begin(resync, spread = 0) {
      reason = resync.reason;
      if (spread > 0) return delay(resync, spread);
      if (!resync.channels) drop();
      tell(resync);
    },
    await: wait,
    forgive: () => refetching.clear(),
    forget() {
      refetching.clear();
      drop();
    },
  };
}
