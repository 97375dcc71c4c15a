import type { Resync } from './listeners.ts';

/** What is being done, in words for people, and why it is necessary. */
export const resyncWords: Record<Resync['reason'], string> = {
  opened: 'refreshing what changed meanwhile',
  'unknown-position': 'you were away for longer than changes are kept; refreshing everything',
  'too-far-behind': 'too much changed meanwhile; refreshing everything',
  gap: 'the server missed changes; refreshing everything',
  'too-slow': 'too much changed at once; refreshing everything',
  'truncated-table': 'much changed at once; refreshing that',
  'access-widened': 'what you may see changed; refreshing everything',
  outdated: 'the server is newer than this page; refreshing',
};
