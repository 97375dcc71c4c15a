/** What stands between a row's change and the screen, in the order in which it is walked. */
export const HOPS = [
  'trigger',
  'notification',
  'server',
  'listener',
  'proxy buffering',
  'HTTP version',
  'stream',
  'invalidation',
] as const;

export type Hop = (typeof HOPS)[number];

export interface HopResult {
  readonly hop: Hop;
  /** `skip`: not looked at, because something before it failed or was not given. */
  readonly state: 'ok' | 'warn' | 'fail' | 'skip';
  /** How long it took, in milliseconds, where that says anything. */
  readonly ms?: number;
  /** What was seen, in a sentence. */
  readonly finding: string;
  /** What to do about it: a sentence, and in `line` the very line to add, change or run. */
  readonly advice?: string;
  readonly line?: string;
}

/** The hop whose repair comes first. */
export function firstFailing(results: readonly HopResult[]): HopResult | undefined {
  return results.find(({ state }) => state === 'fail');
}
