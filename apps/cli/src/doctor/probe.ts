/** The row that a probe writes is announced on this channel, to whoever asked for it. */
export const PROBE_CHANNEL = 'probe_changes';

/** What the invalidation is tried on: a query of this key, which a rule for the probe's channel must touch. */
export const PROBE_KEY = ['doctor', 'probe'] as const;

/** What `realtime.probe` answers. */
export interface ProbeAnswer {
  /** Milliseconds until the server itself heard the probe; null when it did not. */
  readonly heardAfterMs: number | null;
  /** False when PostgreSQL did not notify it, and only its reading of the change log found the probe. */
  readonly notified?: boolean;
  /** The server's clock when it answered, in milliseconds since 1970. */
  readonly now: number;
}

/** The parts of a probe's event that are looked at. */
export interface ProbeEvent {
  readonly channel: typeof PROBE_CHANNEL;
  readonly nonce: string;
}

export function isProbeOf(nonce: string): (data: unknown) => data is ProbeEvent {
  return (data): data is ProbeEvent =>
    typeof data === 'object' &&
    data !== null &&
    'channel' in data &&
    data.channel === PROBE_CHANNEL &&
    'nonce' in data &&
    data.nonce === nonce;
}
