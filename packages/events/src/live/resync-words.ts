import type { Resync } from './listeners.ts';

/** What is being done, in words for people, and why it is necessary. */
export const resyncWords: Record<Resync['reason'], string> = {
  opened: 'refreshing what changed meanwhile',
  'unknown-position': 'you were away for longer than changes are kept; refreshing everything',
  'too-far-behind': 'too much changed meanwhile to tell; refreshing everything',
  gap: 'the server missed changes; refreshing everything',
  'too-slow': 'more changed at once than can be told one by one; refreshing everything',
  'truncated-table': 'much was changed at once; refreshing that',
  'access-widened': 'what you may see has changed; refreshing everything',
  outdated: 'this page is older than the server; refreshing what it cannot read',
};
