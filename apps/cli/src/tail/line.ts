import type { AnyChangeEvent } from '@processflow/events';

import { clockTime, safeJson, type Style } from '../style.ts';

const COLORS = { INSERT: 'green', UPDATE: 'yellow', DELETE: 'red' } as const;

/** One line for one event: when, on which channel, what happened, its number, the row, and what changed. */
export function eventLine(event: AnyChangeEvent, style: Style): string {
  const { channel, operation, seq, announced_at: at, changed, truncated = [], ...columns } = event;
  const row = Object.entries(columns).map(([column, value]) => {
    const name = safeJson(column).slice(1, -1);
    const text = `${name}=${safeJson(value)}`;
    return changed?.includes(column) === true ? style('bold', text) : text;
  });
  const notes = [
    // Columns that are watched and not carried may have changed too.
    changed != null &&
      style('dim', `changed: ${changed.map(plain).join(', ') || 'a column that is not shown'}`),
    truncated.length > 0 && style('dim', `shortened: ${truncated.map(plain).join(', ')}`),
  ].filter((note) => note !== false);
  return [
    style('dim', localTime(at)),
    style('cyan', plain(channel)),
    style(COLORS[operation], operation),
    style('dim', `seq=${seq}`),
    ...row,
    ...notes,
  ].join(' ');
}

function plain(name: string): string {
  return safeJson(name).slice(1, -1);
}

/** Of this machine's day, to the millisecond; what cannot be read is shown as it came. */
function localTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return plain(iso);
  return `${clockTime(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
