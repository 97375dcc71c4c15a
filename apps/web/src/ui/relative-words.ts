const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in one unit, for example "3 min". */
export function durationWords(ms: number): string {
  const length = Math.max(0, ms);
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`;
  if (length < DAY) return `${Math.floor(length / HOUR)} h`;
  const days = Math.floor(length / DAY);
  return days === 1 ? '1 day' : `${days} days`;
}

/** A moment as seen from `now`: "2 min ago", "in 3 days", from a week on the date. */
export function relativeWords(at: Date | string | number, now: number): string {
  const moment = new Date(at).getTime();
  const age = now - moment;
  if (Math.abs(age) < SECOND) return 'just now';
  if (Math.abs(age) >= 8 * DAY)
    return new Date(moment).toLocaleDateString(undefined, { dateStyle: 'medium' });
  return age > 0 ? `${durationWords(age)} ago` : `in ${durationWords(-age)}`;
}

/** The exact date and time in the reader's own way of writing them. */
export function exactWords(at: Date | string | number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'medium' });
}
