import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';

import { useAnnounce } from './announcer.tsx';
import { RelativeTime } from './relative-time.tsx';
import classes from './changed-mark.module.css';

export interface Mark {
  /** Who did what: "Bo completed this". */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const SHOWN_MS = 10_000;

/** "Bo completed this, 2 s ago", for a moment, where it changed; announced politely. */
export function ChangedMark({ mark }: { mark: Mark | null }) {
  const [gone, setGone] = useState<Mark | null>(null);
  const announce = useAnnounce();

  useEffect(() => {
    if (!mark) return undefined;
    announce(mark.text);
    const left = mark.at + SHOWN_MS - Date.now();
    const timer = setTimeout(() => setGone(mark), Math.max(0, left));
    return () => clearTimeout(timer);
  }, [mark, announce]);

  if (!mark || gone === mark) return null;
  return (
    <Text span size="xs" className={classes.mark ?? ''}>
      {mark.text}, <RelativeTime at={mark.at} />
    </Text>
  );
}
