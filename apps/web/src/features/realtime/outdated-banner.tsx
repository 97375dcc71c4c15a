import { Button, Group, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useEffect } from 'react';

import { useLiveStatus } from '../../live.ts';
import { useAnnounce } from '../../ui/announcer.tsx';
import classes from './outdated-banner.module.css';
import { outdatedWords } from './outdated-words.ts';

/** Says so when the server has gone on to a version whose changes this page cannot read any more. */
export function OutdatedBanner() {
  const words = outdatedWords(useLiveStatus().outdated);
  const announce = useAnnounce();
  useEffect(() => {
    if (words !== null) announce(words);
  }, [announce, words]);
  if (words === null) return null;
  return (
    <Group component="section" aria-label="Update" className={classes.banner ?? ''} gap="sm" px="md" py={8}>
      <IconRefresh size={18} aria-hidden />
      <Text size="sm" fw={500} flex="1 1 200px">
        {words}{' '}
        <Text span inherit c="dimmed" fw={400}>
          Half-filled task forms are kept.
        </Text>
      </Text>
      <Button size="compact-sm" variant="default" onClick={() => window.location.reload()}>
        Reload
      </Button>
    </Group>
  );
}
