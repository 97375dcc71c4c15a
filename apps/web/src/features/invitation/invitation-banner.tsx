import { Button, Group, Text } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

import { useAnnounce } from '../../ui/announcer.tsx';
import classes from './invitation-banner.module.css';
import { invitationWords, useAnswer, type MyInvitation } from './use-answer.ts';
import { useMyInvitations } from './use-my-invitations.ts';

/** Invitations to oneself, on every page, until they are answered, put off or expired. */
export function InvitationBanner() {
  const invitations = useMyInvitations();
  const [later, setLater] = useState<readonly number[]>([]);
  useNewOnes(invitations);
  const open = invitations?.filter(({ id }) => !later.includes(id)) ?? [];
  if (open.length === 0) return null;
  return (
    <section aria-label="Invitations to you">
      {open.map((invitation) => (
        <Invitation
          key={invitation.id}
          invitation={invitation}
          onLater={() => setLater((ids) => [...ids, invitation.id])}
        />
      ))}
    </section>
  );
}

function Invitation({ invitation, onLater }: { invitation: MyInvitation; onLater: () => void }) {
  const answer = useAnswer();
  return (
    <Group className={classes.banner ?? ''} gap="sm" px="md" py={8}>
      <IconMail size={18} aria-hidden />
      <Text size="sm" fw={500} flex="1 1 200px">
        {invitationWords(invitation)}
      </Text>
      <Group gap="xs">
        <Button
          size="compact-sm"
          loading={answer.pending}
          onClick={() => void answer.accept({ id: invitation.id })}
        >
          Accept
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={answer.pending}
          onClick={() => void answer.decline({ id: invitation.id })}
        >
          Decline
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={onLater}>
          Later
        </Button>
      </Group>
    </Group>
  );
}

/** Announces invitations that came while one looked. */
function useNewOnes(invitations: readonly MyInvitation[] | undefined): void {
  const announce = useAnnounce();
  const known = useRef<ReadonlySet<number> | null>(null);
  useEffect(() => {
    if (!invitations) return;
    const before = known.current;
    known.current = new Set(invitations.map(({ id }) => id));
    for (const invitation of invitations) {
      if (before && !before.has(invitation.id)) announce(invitationWords(invitation));
    }
  }, [invitations, announce]);
}
