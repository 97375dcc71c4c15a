import { Button, Group, Kbd, Text } from '@mantine/core';
import { IconHandGrab, IconHandStop } from '@tabler/icons-react';

import { RelativeTime } from '../../ui/relative-time.tsx';
import { useShortcut } from '../../ui/shortcuts.tsx';
import type { Task } from './task-detail.tsx';
import type { Claim } from './use-claim.ts';

/** Take the task so that nobody else does it meanwhile, or give it back. */
export function ClaimBar({ task, claim }: { task: Task; claim: Claim }) {
  useShortcut('c', claim.mayRelease ? 'Release the open task' : 'Claim the open task', () => {
    if (claim.mayClaim) claim.claim();
    else if (claim.mayRelease) claim.release();
  });
  if (!claim.mayClaim && !claim.mayRelease) return null;
  return (
    <Group gap="sm">
      {claim.mayClaim && (
        <>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconHandGrab size={16} aria-hidden />}
            aria-keyshortcuts="c"
            onClick={claim.claim}
          >
            Claim
          </Button>
          <KeyHint />
          <Text size="sm" c="dimmed">
            So that nobody else starts on it.
          </Text>
        </>
      )}
      {claim.mayRelease && (
        <>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconHandStop size={16} aria-hidden />}
            aria-keyshortcuts="c"
            onClick={claim.release}
          >
            {claim.mine ? 'Release' : `Release for ${task.claimedBy?.name}`}
          </Button>
          <KeyHint />
          {claim.mine && (
            <Text size="sm" c="dimmed">
              You took this {task.claimedAt && <RelativeTime at={task.claimedAt} />}
            </Text>
          )}
        </>
      )}
    </Group>
  );
}

/** A phone has no keys. */
function KeyHint() {
  return (
    <Text size="xs" visibleFrom="sm" aria-hidden>
      <Kbd size="xs">C</Kbd>
    </Text>
  );
}
