import { type Page, PAGES } from '@processflow/db';

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `3 minutes`: one unit is enough to compare by. */
export function durationWords(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  const [unit, length] = UNITS.find(([, one]) => seconds >= one) ?? [];
  if (unit === undefined || length === undefined) return 'less than a second';
  const count = Math.floor(seconds / length);
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}

/** `2026-11-25 05:03:12 UTC`: whoever reads it may be anywhere. */
export function timeWords(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `Tasks`, of `team:1/tasks`; undefined for what is no page. */
export function pageOf(topic: string): Page | undefined {
  const [team, page] = topic.split('/');
  return team?.startsWith('team:') === true ? PAGES.find((one) => one === page) : undefined;
}

export function pageWords(page: Page): string {
  return `${page[0]?.toUpperCase()}${page.slice(1)}`;
}

/** Whom a topic reaches. */
export function topicWords(topic: string): string {
  const page = pageOf(topic);
  if (page !== undefined) return `members for whom a role opens ${pageWords(page)}, and owners`;
  const [kind = '', value = ''] = topic.split(':', 2);
  if (kind === 'team' && value.endsWith('/owners')) return 'owners of the team';
  if (kind === 'team' && value.includes('/probe/')) return 'the one member who tested the connection';
  if (kind === 'team') return 'every member of the team';
  if (kind === 'profile') return 'the person whom it is about';
  if (kind === 'email') return `whoever has verified the address ${value}`;
  if (kind === 'token') return 'programs that use the API token it is about';
  return topic;
}
