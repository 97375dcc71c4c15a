import type { Entry, Verdict } from './entry.ts';
import { shownAfter, touchedBy } from './entry.ts';

/** Clocks differ, so an age is never exact. */
export function millis(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}

/** `14:03:07.042`, by this device's clock. */
export function clockWords(at: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${time.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** From commit to browser, and to the screen: `≈ 8 ms → 41 ms`. */
export function ageWords(entry: Entry): string {
  const shown = shownAfter(entry);
  if (entry.age === null) return '';
  return `≈ ${millis(entry.age)}${shown === null ? '' : ` → ${millis(shown)}`}`;
}

export function ageSentence(entry: Entry): string {
  const { age, verdicts } = entry;
  const shown = shownAfter(entry);
  if (age === null) return 'A resync has no age: it is of this moment.';
  const heard = `Heard about ${millis(age)} after the trigger ran`;
  if (shown !== null) return `${heard}; what it changed was on screen after about ${millis(shown)}.`;
  const waits = verdicts.some(({ outcome }) => outcome.kind === 'waiting');
  return `${heard}${waits ? '; what it changed is being fetched' : '; nothing on screen had to be fetched again'}.`;
}

/** `3 of 9 queries`. */
export function touchedWords(entry: Entry): string {
  return `${touchedBy(entry)} of ${entry.verdicts.length}`;
}

export function touchedSentence(entry: Entry): string {
  const touched = touchedBy(entry);
  return `It touched ${touched} of the ${entry.verdicts.length} queries in the cache; open it to see which, and why.`;
}

export function outcomeWords({ outcome }: Verdict): string {
  switch (outcome.kind) {
    case 'waiting':
      return 'On its way …';
    case 'fetched':
      return `On screen ${millis(outcome.ms)} after the event was heard.`;
    case 'failed':
      return `Fetching it again failed: ${outcome.why}`;
    case 'marked':
      return `Marked stale. ${outcome.why}`;
    case 'untouched':
      return outcome.why;
  }
}
