import type { Cause } from '@processflow/events/react';
import type { Query, QueryCache, QueryCacheNotifyEvent } from '@tanstack/react-query';

import type { LiveEvent } from '../../live.ts';
import { errorWords } from '../../ui/error-words.ts';
import type { Entry, Outcome } from './entry.ts';
import { nameOf, outcomeOfTouched, whyUntouched, type KnownRules } from './explain.ts';
import type { Tap } from './tap.ts';

/** How many entries are kept, and while the list is paused as many again. */
export const KEPT = 500;
/** A storm of events must not become a storm of renders. */
const PUBLISH_MS = 100;

export interface Recording {
  /** The oldest first. */
  readonly entries: readonly Entry[];
  readonly paused: boolean;
  /** How many came since the list was paused. */
  readonly missed: number;
  /** How many resyncs came since the inspector was opened, and why the last one did. */
  readonly resyncs: number;
  readonly lastResync: string | undefined;
}

export interface RecorderOptions {
  readonly tap: Tap<LiveEvent>;
  readonly cache: QueryCache;
  readonly rules: KnownRules;
  readonly now?: () => number;
  readonly isHidden?: () => boolean;
  /** Calls back when what was fetched has been painted. */
  readonly afterPaint?: (painted: () => void) => void;
}

export interface Recorder {
  get(): Recording;
  subscribe(listener: () => void): () => void;
  pause(): void;
  resume(): void;
  clear(): void;
  /** Looks on; returns how to look away. */
  start(): () => void;
}

/** A query that an entry waits for. */
interface Awaited {
  readonly entry: number;
  /** A fetch is in flight that began after the event. */
  covered: boolean;
}

const NONE: Recording = { entries: [], paused: false, missed: 0, resyncs: 0, lastResync: undefined };

/** Writes down what comes and what becomes of every query, while it is started. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { tap, cache, rules, now = Date.now } = options;
  const { isHidden = () => document.hidden, afterPaint = afterNextPaint } = options;
  const listeners = new Set<() => void>();
  const awaited = new Map<Query, Awaited[]>();
  /** All that is kept; the last `missed` of them came while the list was paused. */
  let kept: readonly Entry[] = [];
  let recording = NONE;
  let next = 1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDirty = false;

  function publish(): void {
    isDirty = false;
    const { paused, missed } = recording;
    const shown = paused ? kept.slice(0, kept.length - Math.min(missed, KEPT)) : kept;
    recording = { ...recording, entries: shown };
    for (const listener of listeners) listener();
    timer = setTimeout(() => {
      timer = undefined;
      if (isDirty) publish();
    }, PUBLISH_MS);
  }

  function changed(): void {
    isDirty = true;
    if (timer === undefined) publish();
  }

  function keep(entry: Entry): void {
    if (!recording.paused) {
      kept = [...kept, entry].slice(-KEPT);
      return;
    }
    const shown = kept.slice(0, kept.length - Math.min(recording.missed, KEPT));
    kept = [...shown, ...[...kept.slice(shown.length), entry].slice(-KEPT)];
    recording = { ...recording, missed: recording.missed + 1 };
  }

  function look(cause: Cause<LiveEvent>, queries: readonly Query[]): void {
    const touched = new Set(queries);
    const heardAt = now();
    const number = next++;
    const verdicts = cache.getAll().map((query) => {
      const outcome: Outcome = touched.has(query)
        ? outcomeOfTouched(query, isHidden())
        : { kind: 'untouched', why: whyUntouched(query, cause, rules) };
      if (outcome.kind === 'waiting') {
        awaited.set(
          query,
          [...(awaited.get(query) ?? []), { entry: number, covered: false }].slice(-2 * KEPT),
        );
      }
      return { hash: query.queryHash, ...nameOf(query.queryKey), outcome };
    });
    const announcedAt = 'event' in cause ? Date.parse(cause.event.announced_at) : NaN;
    const age = heardAt + tap.link.serverAhead - announcedAt;
    keep({ number, cause, heardAt, age: Number.isNaN(age) ? null : Math.max(0, age), verdicts });
    if ('resync' in cause) {
      recording = { ...recording, resyncs: recording.resyncs + 1, lastResync: cause.resync.reason };
    }
    changed();
  }

  /** Says how it went to all that wait for the query, or to those that its fetch covers. */
  function conclude(query: Query, which: (waiting: Awaited) => boolean, outcome: (entry: Entry) => Outcome) {
    const all = awaited.get(query) ?? [];
    const numbers = new Set(all.filter(which).map(({ entry }) => entry));
    if (numbers.size === 0) return;
    const rest = all.filter(({ entry }) => !numbers.has(entry));
    if (rest.length > 0) awaited.set(query, rest);
    else awaited.delete(query);
    kept = kept.map((entry) => {
      if (!numbers.has(entry.number)) return entry;
      const verdicts = entry.verdicts.map((verdict) =>
        verdict.hash === query.queryHash ? { ...verdict, outcome: outcome(entry) } : verdict,
      );
      return { ...entry, verdicts };
    });
    changed();
  }

  function observe(event: QueryCacheNotifyEvent): void {
    const query: Query = event.query;
    const waiting = awaited.get(query);
    if (!waiting) return;
    const isCovered = ({ covered }: Awaited) => covered;
    if (event.type === 'removed' || (event.type === 'observerRemoved' && !query.isActive())) {
      if (query.state.fetchStatus !== 'idle' && event.type !== 'removed') return;
      return conclude(query, Boolean, () => ({ kind: 'marked', why: 'It left the screen before its turn.' }));
    }
    if (event.type !== 'updated') return;
    const { action } = event;
    if (action.type === 'fetch' && action.meta?.fetchMore === undefined) {
      for (const one of waiting) one.covered = true;
    }
    // A cancelled fetch puts the state back to what it was.
    if (action.type === 'setState' && query.state.fetchStatus === 'idle') {
      for (const one of waiting) one.covered = false;
    }
    if (action.type === 'error') {
      const { title } = errorWords(action.error);
      conclude(query, isCovered, () => ({ kind: 'failed', why: title }));
    }
    if (action.type === 'success' && !action.manual) {
      const covered = new Set(waiting.filter(isCovered));
      afterPaint(() => {
        const at = now();
        conclude(
          query,
          (one) => covered.has(one),
          ({ heardAt }) => ({ kind: 'fetched', ms: at - heardAt }),
        );
      });
    }
  }

  return {
    get: () => recording,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    pause() {
      recording = { ...recording, paused: true, missed: 0 };
      publishNow();
    },
    resume() {
      kept = kept.slice(-KEPT);
      recording = { ...recording, paused: false, missed: 0 };
      publishNow();
    },
    clear() {
      kept = [];
      awaited.clear();
      recording = { ...recording, missed: 0 };
      publishNow();
    },
    start() {
      const stops = [tap.look(look), cache.subscribe(observe)];
      return () => {
        for (const stop of stops) stop();
        clearTimeout(timer);
        timer = undefined;
        awaited.clear();
      };
    },
  };

  function publishNow(): void {
    clearTimeout(timer);
    publish();
  }
}

/** React Query tells React in a task of its own; what React then makes of it is painted with the next frame. */
function afterNextPaint(painted: () => void): void {
  setTimeout(() => requestAnimationFrame(painted));
}
