import { Badge, Text } from '@mantine/core';
import { memo, useEffect, useRef, useState, type KeyboardEvent } from 'react';

import { targetOf } from '../../ui/list-keys.ts';
import { channelOf, type Entry } from './entry.ts';
import classes from './inspector.module.css';
import { ageSentence, ageWords, clockWords, touchedSentence, touchedWords } from './words.ts';

export interface EntryListProps {
  readonly entries: readonly Entry[];
  readonly isFiltered: boolean;
  readonly openNumber: number | null;
  readonly onOpen: (number: number) => void;
}

const OPERATION_COLOURS = { INSERT: 'teal', UPDATE: 'indigo', DELETE: 'red' } as const;

/** What came, the newest last; it follows the newest unless one has scrolled away or points at it. */
export function EntryList({ entries, isFiltered, openNumber, onOpen }: EntryListProps) {
  const { scroller, ...following } = useFollowing(entries);
  const [cursor, setCursor] = useState<number | null>(null);
  const has = (number: number | null) => entries.some((entry) => entry.number === number);
  const current = has(cursor) ? cursor : has(openNumber) ? openNumber : entries.at(-1)?.number;

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = Array.from(event.currentTarget.querySelectorAll('button'));
    const from = rows.findIndex((row) => row === document.activeElement);
    const to = ['j', 'k'].includes(event.key) ? null : targetOf(event.key, from, rows.length);
    if (to === null) return;
    event.preventDefault();
    rows[to]?.focus();
  };

  if (entries.length === 0) {
    return (
      <Text size="sm" c="dimmed" className={classes.nothing ?? ''}>
        {isFiltered
          ? 'Nothing that came passes the filter.'
          : 'Nothing came yet. Every change that you may hear of appears here, the moment it is committed.'}
      </Text>
    );
  }
  return (
    <div ref={scroller} className={classes.list} {...following}>
      <Head />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrows move among its buttons */}
      <ol aria-label="Events" onKeyDown={onKeyDown}>
        {entries.map((entry) => (
          <Row
            key={entry.number}
            entry={entry}
            isOpen={entry.number === openNumber}
            isCurrent={entry.number === current}
            onFocus={setCursor}
            onOpen={onOpen}
          />
        ))}
      </ol>
    </div>
  );
}

/** Above the columns, where there is room for columns; each row says the same in words of its own. */
function Head() {
  return (
    <div className={classes.head} aria-hidden>
      <span className={classes.time}>Heard at</span>
      <span>Channel</span>
      <span>Change</span>
      <span className={classes.seq}>Number</span>
      <span className={classes.age} title="How long after the trigger ran it was heard here, then on screen">
        Heard → on screen
      </span>
      <span className={classes.touched} title="How many of the queries in the cache it touched">
        Queries touched
      </span>
    </div>
  );
}

interface RowProps {
  readonly entry: Entry;
  readonly isOpen: boolean;
  readonly isCurrent: boolean;
  readonly onFocus: (number: number) => void;
  readonly onOpen: (number: number) => void;
}

const Row = memo(function Row({ entry, isOpen, isCurrent, onFocus, onOpen }: RowProps) {
  const { number, cause, heardAt } = entry;
  return (
    <li>
      <button
        type="button"
        className={classes.row}
        tabIndex={isCurrent ? 0 : -1}
        aria-current={isOpen || undefined}
        onFocus={() => onFocus(number)}
        onClick={() => onOpen(number)}
      >
        <span className={classes.time}>{clockWords(heardAt)}</span>
        <span className={classes.channel}>{channelOf(entry)}</span>
        <span className={classes.what}>
          {'event' in cause ? (
            <>
              <Badge size="sm" radius="sm" variant="light" color={OPERATION_COLOURS[cause.event.operation]}>
                {cause.event.operation}
              </Badge>
              <span>{'id' in cause.event && `#${String(cause.event.id)}`}</span>
              <Text span inherit c="dimmed" truncate>
                {'changed' in cause.event && cause.event.changed.join(', ')}
              </Text>
            </>
          ) : (
            <>
              <Badge size="sm" radius="sm" variant="light" color="yellow">
                {cause.resync.reason ?? 'resync'}
              </Badge>
              <Text span inherit c="dimmed" truncate>
                {cause.resync.channels?.join(', ') ?? 'all channels'}
              </Text>
            </>
          )}
        </span>
        <span className={classes.seq}>{'event' in cause && `seq ${cause.event.seq}`}</span>
        <span className={classes.age} title={ageSentence(entry)}>
          {ageWords(entry)}
        </span>
        <span className={classes.touched} title={touchedSentence(entry)}>
          {touchedWords(entry)} queries
        </span>
      </button>
    </li>
  );
});

/** Nothing moves under the pointer: it follows when that has left. */
function useFollowing(entries: readonly Entry[]) {
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const toEnd = () => {
    const element = scroller.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  };
  useEffect(() => {
    if (!scroller.current?.matches(':hover')) toEnd();
  }, [entries]);
  return {
    scroller,
    onMouseLeave: toEnd,
    onScroll: () => {
      const element = scroller.current;
      if (element) follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < 8;
    },
  };
}
