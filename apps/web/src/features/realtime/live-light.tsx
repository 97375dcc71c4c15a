import { Button, Group, Popover, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';

import { useState } from 'react';

import { useLiveStatus } from '../../live.ts';
import { ElapsedTime, RelativeTime } from '../../ui/relative-time.tsx';
import classes from './live-light.module.css';

type State = ReturnType<typeof useLiveStatus>['state'];

const WORDS = {
  live: 'Live',
  connecting: 'Connecting',
  'catching up': 'Catching up',
  paused: 'Paused',
  offline: 'Offline',
  'signed out': 'Signed out',
} as const satisfies Record<State, string>;

/** Says whether the screen follows what others do, and if not, why and since when. */
export function LiveLight() {
  const { state, reason, since, lastEventAt } = useLiveStatus();
  const [pinned, pin] = useDisclosure(false);
  const [hovered, hover] = useDisclosure(false);
  const [wasLive, setWasLive] = useState(false);
  if (state === 'live' && !wasLive) setWasLive(true);
  const word = state === 'connecting' && wasLive ? 'Reconnecting' : WORDS[state];
  return (
    <Popover opened={pinned || hovered} onDismiss={pin.close} position="bottom-end" width={260} withArrow>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-label={`Connection: ${word}`}
          onClick={pin.toggle}
          onMouseEnter={hover.open}
          onMouseLeave={hover.close}
          leftSection={<span className={classes.dot} data-state={state} />}
          c="var(--mantine-color-text)"
          fw={500}
        >
          <span className={classes.word} data-state={state}>
            {word}
          </span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={4}>
          <Group justify="space-between">
            <Text size="sm" fw={600}>
              {word}
            </Text>
            <Text size="xs" c="dimmed">
              for <ElapsedTime since={since} />
            </Text>
          </Group>
          <Text size="sm">{reason}.</Text>
          <Text size="xs" c="dimmed">
            {lastEventAt === null ? (
              'No change has come yet.'
            ) : (
              <>
                Last change <RelativeTime at={lastEventAt} />
              </>
            )}
          </Text>
        </Stack>
      </Popover.Dropdown>
      <VisuallyHidden role="status">
        {state === 'live' ? 'Live updates are on' : `${word}. ${reason}`}
      </VisuallyHidden>
    </Popover>
  );
}
