import { ActionIcon, Button, Group, Indicator, Popover, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconInbox } from '@tabler/icons-react';

import { useMe } from '../../ui/me.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { invitationWords, useAnswer } from './use-answer.ts';
import { useMyInvitations } from './use-my-invitations.ts';

/** All invitations to oneself, also those put off. */
export function InvitationInbox() {
  const all = useMyInvitations() ?? [];
  const answer = useAnswer();
  const me = useMe();
  const [opened, { toggle, close }] = useDisclosure(false);
  const label = all.length === 0 ? 'Invitations' : `Invitations: ${all.length} open`;
  return (
    <Popover opened={opened} onDismiss={close} position="bottom-end" width={320} withArrow trapFocus>
      <Indicator disabled={all.length === 0} label={all.length} size={16} offset={5} inline>
        <Popover.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            c="var(--mantine-color-text)"
            size="lg"
            aria-label={label}
            aria-expanded={opened}
            onClick={toggle}
          >
            <IconInbox size={18} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown aria-label="Invitations">
        {all.length === 0 && (
          <Text size="sm">
            No invitations.{' '}
            {me?.emailVerified ? 'New ones appear here by themselves.' : 'Yours come as a link.'}
          </Text>
        )}
        <Stack gap="md">
          {all.map((invitation) => (
            <Stack key={invitation.id} gap={6}>
              <Text size="sm" fw={500}>
                {invitationWords(invitation)}
              </Text>
              <Text size="xs" c="dimmed">
                <RelativeTime at={invitation.createdAt} />, ends <RelativeTime at={invitation.expiresAt} />
              </Text>
              <Group gap="xs">
                <Button
                  size="compact-sm"
                  onClick={() => void answer.accept({ id: invitation.id }).then(close)}
                >
                  Accept
                </Button>
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => void answer.decline({ id: invitation.id })}
                >
                  Decline
                </Button>
              </Group>
            </Stack>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
