import type { Event } from '@processflow/db';
import type { Frame } from '@processflow/events/server';

import type { RealtimeHub } from '../realtime/realtime.ts';
import type { Histogram } from './histogram.ts';

type Frames = AsyncIterableIterator<Frame<Event>>;

/**
 * The same hub, whose streams tell how long each event took from its trigger until it was taken to be written. What a
 * stream missed while it was away is left out: that is as old as its absence.
 */
export function observeDelivery(hub: RealtimeHub, delivery: Histogram, now = Date.now): RealtimeHub {
  // One event goes to many streams, one after the other.
  let last: { readonly event: object; readonly at: number } | undefined;
  const announcedAt = (event: object & { readonly announced_at: string }): number => {
    if (last?.event !== event) last = { event, at: Date.parse(event.announced_at) };
    return last.at;
  };
  const observe = ({ data }: Frame<Event>, opened: number): void => {
    if (!('announced_at' in data)) return;
    const at = announcedAt(data);
    if (at >= opened) delivery.observe(Math.max(0, now() - at) / 1000);
  };
  return {
    ...hub,
    get subscriberCount() {
      return hub.subscriberCount;
    },
    get topicCount() {
      return hub.topicCount;
    },
    async subscribe(options) {
      const opened = now();
      return observed(await hub.subscribe(options), (frame) => observe(frame, opened));
    },
  };
}

function observed(frames: Frames, observe: (frame: Frame<Event>) => void): Frames {
  return {
    async next() {
      const result = await frames.next();
      if (result.done !== true) observe(result.value);
      return result;
    },
    async return() {
      return (await frames.return?.()) ?? { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
