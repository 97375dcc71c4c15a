import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';

import type { LiveEvent } from '../../live.ts';
import type { Tap } from './tap.ts';

interface Inspector {
  readonly tap: Tap<LiveEvent>;
  readonly isOpen: boolean;
  /** Opened by hand since the page was loaded, not found open: then the focus goes there. */
  readonly isNew: boolean;
  toggle(): void;
}

const InspectorContext = createContext<Inspector | null>(null);

/** Kept per tab, over reloads. */
const KEY = 'processflow.inspector';

/** Whether the developers' panel is open, and what it looks through. */
export function InspectorProvider({ tap, children }: { tap: Tap<LiveEvent>; children: ReactNode }) {
  const [{ isOpen, isNew }, setState] = useState(() => ({
    isOpen: sessionStorage.getItem(KEY) === 'open',
    isNew: false,
  }));
  const value = useMemo<Inspector>(
    () => ({
      tap,
      isOpen,
      isNew,
      toggle() {
        if (isOpen) sessionStorage.removeItem(KEY);
        else sessionStorage.setItem(KEY, 'open');
        setState({ isOpen: !isOpen, isNew: !isOpen });
      },
    }),
    [tap, isOpen, isNew],
  );
  return <InspectorContext value={value}>{children}</InspectorContext>;
}

export function useInspector(): Inspector {
  const inspector = useContext(InspectorContext);
  if (!inspector)
    throw new Error('useInspector needs an <InspectorProvider> above the component that uses it.');
  return inspector;
}
