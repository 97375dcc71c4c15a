import { useState } from 'react';

export interface Filter {
  /** A channel, or `resync`; null: all. */
  readonly channel: string | null;
  readonly text: string;
}

const KEY = 'processflow.inspector-filter';

/** What the list is narrowed to; kept per tab, over reloads. */
export function useFilter(): [Filter, (filter: Filter) => void] {
  const [filter, setFilter] = useState(readFilter);
  return [
    filter,
    (next) => {
      sessionStorage.setItem(KEY, JSON.stringify([next.channel, next.text]));
      setFilter(next);
    },
  ];
}

function readFilter(): Filter {
  const [channel, text]: unknown[] = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
  return {
    channel: typeof channel === 'string' ? channel : null,
    text: typeof text === 'string' ? text : '',
  };
}
