import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, type PointerEvent } from 'react';

import { changedKeys, holdRows } from './held-list.ts';

export interface HeldListOptions<Row> {
  readonly keyOf: (row: Row) => string | number;
  /** What makes a row look different. Default: all of it, as JSON. */
  readonly print?: (row: Row) => string;
  /** Another list altogether (another filter, another team): shown at once, without flashes. */
  readonly scope?: string;
}

export interface HeldListResult<Row> {
  readonly rows: readonly Row[];
  /** How many changes wait until the pointer leaves; give them to `<HeldChanges>`. */
  readonly waiting: number;
  /** Shows them now. */
  readonly release: () => void;
  /** Spread over the element around the rows. */
  readonly holdProps: { onPointerEnter: (event: PointerEvent) => void; onPointerLeave: () => void };
  /** True for a moment after a row came or changed: give it `data-flash`. */
  readonly isFlashing: (key: string | number) => boolean;
}

const FLASH_MS = 1600;

/** How long after it was answered what an act of one's own changed may take to come. */
const OWN_MS = 3000;

/**
 * Nothing jumps under the pointer: rows that would come, go or move wait until it leaves the list. What one does
 * oneself shows at once.
 */
export function useHeldList<Row>(next: readonly Row[], options: HeldListOptions<Row>): HeldListResult<Row> {
  const { keyOf, print = JSON.stringify, scope = '' } = options;
  /** What was shown when the pointer came; null while it is elsewhere. */
  const [kept, setKept] = useState<{ readonly rows: readonly Row[]; readonly scope: string } | null>(null);
  const isActing = useActing();
  const isOwn = isActing && kept !== null && kept.rows.map(keyOf).join() !== next.map(keyOf).join();
  if (kept && (kept.scope !== scope || isOwn)) setKept({ rows: next, scope });
  // Of an empty list there is nothing to hold, and often no element that the pointer could leave.
  const isHolding = kept !== null && kept.scope === scope && !isOwn && kept.rows.length > 0;
  const held = isHolding ? holdRows(kept.rows, next, keyOf) : { rows: next, waiting: 0 };
  const flashing = useFlashes(held.rows, scope, keyOf, print);

  return {
    rows: held.rows,
    waiting: held.waiting,
    release: () => setKept((before) => before && { rows: next, scope }),
    holdProps: {
      onPointerEnter: (event) => {
        if (event.pointerType === 'mouse') setKept({ rows: next, scope });
      },
      onPointerLeave: () => setKept(null),
    },
    isFlashing: (key) => flashing.has(key),
  };
}

/** True from when this page begins to change something until what that changed has come. */
function useActing(): boolean {
  const cache = useQueryClient().getMutationCache();
  const [isActing, setActing] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = cache.subscribe((event) => {
      if (event.type !== 'updated') return;
      const { type } = event.action;
      if (type === 'pending') setActing(true);
      if (type !== 'pending' && type !== 'success' && type !== 'error') return;
      clearTimeout(timer);
      if (type !== 'pending') timer = setTimeout(() => setActing(false), OWN_MS);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [cache]);
  return isActing;
}

function useFlashes<Row>(
  rows: readonly Row[],
  scope: string,
  keyOf: (row: Row) => string | number,
  print: (row: Row) => string,
): ReadonlySet<string | number> {
  const prints = useMemo(() => new Map(rows.map((row) => [keyOf(row), print(row)])), [rows, keyOf, print]);
  const before = useRef<{ scope: string; prints: ReadonlyMap<string | number, string> } | null>(null);
  const [flashing, setFlashing] = useState<ReadonlySet<string | number>>(new Set());

  useEffect(() => {
    const last = before.current;
    before.current = { scope, prints };
    if (last?.scope !== scope || last.prints === prints || last.prints.size === 0) return;
    const changed = changedKeys(last.prints, prints);
    if (changed.length > 0) setFlashing(new Set(changed));
  }, [prints, scope]);

  useEffect(() => {
    if (flashing.size === 0) return undefined;
    const timer = setTimeout(() => setFlashing(new Set()), FLASH_MS);
    return () => clearTimeout(timer);
  }, [flashing]);

  return flashing;
}
