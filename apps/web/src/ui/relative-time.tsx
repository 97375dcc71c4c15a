import { Tooltip } from '@mantine/core';

import { durationWords, exactWords, relativeWords } from './relative-words.ts';
import { useTicking } from './ticker.ts';

/** "2 min ago", with the exact time on hover. */
export function RelativeTime({ at }: { at: Date | string | number }) {
  const words = useTicking((now) => relativeWords(at, now));
  return (
    <Tooltip label={exactWords(at)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={new Date(at).toISOString()}>{words}</time>
    </Tooltip>
  );
}

/** How long something has been going on: "3 min". */
export function ElapsedTime({ since }: { since: Date | string | number }) {
  const words = useTicking((now) => durationWords(now - new Date(since).getTime()));
  return (
    <Tooltip label={`since ${exactWords(since)}`} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={new Date(since).toISOString()}>{words}</time>
    </Tooltip>
  );
}
