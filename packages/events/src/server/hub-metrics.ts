/** What a hub has done since it was made: numbers that only grow. */
export interface HubMetrics {
  /** Batches taken in, and the events in them. */
  readonly batches: number;
  readonly events: number;
  /** Frames given to streams. */
  readonly deliveries: number;
  /** Times that a stream was told to start over, for whatever reason, on a channel or on all. */
  readonly resyncs: number;
  /** Times that a stream's client read too slowly, so that the stream was set aside until it had caught up. */
  readonly setAside: number;
  /** Streams that came back and heard what they had missed; of these, those that the ring could tell. */
  readonly resumed: number;
  readonly resumedFromRing: number;
  /** Streams that came back and had to start over. */
  readonly resumedInVain: number;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

export function createHubMetrics(): Writable<HubMetrics> {
  return {
    batches: 0,
    events: 0,
    deliveries: 0,
    resyncs: 0,
    setAside: 0,
    resumed: 0,
    resumedFromRing: 0,
    resumedInVain: 0,
  };
}
