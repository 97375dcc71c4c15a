import { useCallback, useLayoutEffect, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';

import { heirOf, targetOf } from './list-keys.ts';
import { useShortcut } from './shortcuts.tsx';

export interface ListKeysOptions<Id extends string | number> {
  /** The rows' ids in the order shown. */
  readonly ids: readonly Id[];
  /** The row that is open, if any: where the keyboard begins. */
  readonly openId: Id | null;
  readonly onOpen: (id: Id) => void;
  /** What the rows are, for the list of shortcuts: "task". */
  readonly noun: string;
}

export interface ItemProps {
  readonly ref: (element: HTMLElement | null) => void;
  readonly tabIndex: 0 | -1;
  readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

/**
 * Arrows and j/k move through a list, Enter opens. One row is in the tab order; when it goes or moves, the focus
 * goes to the row that took its place. Spread `itemProps(id)` over each row's link or button.
 */
export function useListKeys<Id extends string | number>({ ids, openId, onOpen, noun }: ListKeysOptions<Id>) {
  const elements = useRef(new Map<Id, HTMLElement>());
  const focused = useRef<{ id: Id; index: number } | null>(null);
  const [cursor, setCursor] = useState<Id | null>(null);
  const current = [cursor, openId, ids[0] ?? null].find((id) => id !== null && ids.includes(id)) ?? null;

  const focus = useCallback((id: Id) => {
    setCursor(id);
    elements.current.get(id)?.focus();
  }, []);

  const move = (key: string): boolean => {
    const from = cursor ?? openId;
    const to = targetOf(key, from === null ? -1 : ids.indexOf(from), ids.length);
    const id = to === null ? undefined : ids[to];
    if (id === undefined) return false;
    focus(id);
    return true;
  };

  useShortcut('j', `Next ${noun}`, () => move('j'));
  useShortcut('k', `Previous ${noun}`, () => move('k'));

  useLayoutEffect(() => {
    const had = focused.current;
    if (!had) return;
    const index = ids.indexOf(had.id);
    const lost = document.activeElement === document.body || document.activeElement === null;
    if (index >= 0) had.index = index;
    if (!lost) return;
    const heir = index >= 0 ? had.id : heirOf(ids, had.index);
    if (heir === undefined) focused.current = null;
    else focus(heir);
  });

  const itemProps = (id: Id): ItemProps => ({
    ref: (element) => {
      if (element) elements.current.set(id, element);
      else elements.current.delete(id);
    },
    tabIndex: id === current ? 0 : -1,
    onFocus: () => {
      focused.current = { id, index: ids.indexOf(id) };
      setCursor(id);
    },
    onKeyDown: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Enter') {
        event.preventDefault();
        onOpen(id);
      } else if (['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key) && move(event.key)) {
        event.preventDefault();
      }
    },
  });

  /** Spread over the element around the rows, so that focus that leaves on purpose is let go. */
  const listProps = {
    onBlur: (event: FocusEvent<HTMLElement>) => {
      if (event.relatedTarget) focused.current = null;
    },
  };

  return { itemProps, listProps, focus, current };
}
