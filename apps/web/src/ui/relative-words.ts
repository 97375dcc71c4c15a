const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in one unit, for example "3 min": as much of it as is over. */
export function durationWords(ms: number): string {
  return lengthWords(ms, Math.floor);
}

function lengthWords(ms: number, whole: (count: number) => number): string {
  const count = (unit: number) => whole(Math.max(0, ms) / unit);
  if (count(SECOND) < 60) return `${count(SECOND)} s`;
  if (count(MINUTE) < 60) return `${count(MINUTE)} min`;
  if (count(HOUR) < 24) return `${count(HOUR)} h`;
  return count(DAY) === 1 ? '1 day' : `${count(DAY)} days`;
}

/** A moment as seen from `now`: "2 min ago", "in 3 days", from a week on the date. */
export function relativeWords(at: Date | string | number, now: number): string {
  const moment = new Date(at).getTime();
  const age = now - moment;
  if (Math.abs(age) < SECOND) return 'just now';
  if (Math.abs(age) >= 8 * DAY)
    return new Date(moment).toLocaleDateString(undefined, { dateStyle: 'medium' });
  // A time to come is not cut down: a moment after "in 7 days" was said, it still is.
  return age > 0 ? `${durationWords(age)} ago` : `in ${lengthWords(-age, Math.round)}`;
}

/** The exact date and time in the reader's own way of writing them. */
export function exactWords(at: Date | string | number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'medium' });
}
