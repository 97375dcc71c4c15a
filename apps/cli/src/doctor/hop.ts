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
  /** Nobody listens at its address. */
  readonly refused?: boolean;
}

/**
 * What fails, in the order in which to mend it. Where neither the database nor the server is there, the server comes
 * first: the embedded database runs only while the app does.
 */
export function failingInOrder(results: readonly HopResult[]): HopResult[] {
  const failing = results.filter(({ state }) => state === 'fail');
  const server = failing.find(({ hop, refused }) => hop === 'server' && refused === true);
  if (server === undefined || failing[0]?.refused !== true) return failing;
  return [server, ...failing.filter((result) => result !== server)];
}

/** The hop whose repair comes first. */
export function firstFailing(results: readonly HopResult[]): HopResult | undefined {
  return failingInOrder(results)[0];
}
