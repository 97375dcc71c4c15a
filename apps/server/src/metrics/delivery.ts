import type { FanOutOptions } from '@processflow/events/server';

import type { Histogram } from './histogram.ts';

type Observe = NonNullable<FanOutOptions['onWrite']>;

/**
 * How long each event took from its trigger until it was written to a stream. What a stream missed while it was away is
 * left out: that is as old as its absence.
 */
export function observeDelivery(delivery: Histogram, now = Date.now): Observe {
  // The same frames go to many streams, one after the other.
  let last:
    | { readonly frames: object; readonly announced: readonly number[]; readonly at: number }
    | undefined;
  return (frames, opened) => {
    if (last?.frames !== frames) {
      const announced = frames.flatMap(({ data }) =>
        'announced_at' in data ? [Date.parse(data.announced_at)] : [],
      );
      last = { frames, announced, at: now() };
    }
    for (const at of last.announced) {
      if (at >= opened) delivery.observe(Math.max(0, last.at - at) / 1000);
    }
  };
}
