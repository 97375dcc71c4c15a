import { Badge, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';

import { trpc, type Outputs } from '../../trpc.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useAct } from '../../ui/mutation.ts';
import { PersonName } from '../../ui/person.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Row, Rows } from '../../ui/rows.tsx';
import { Section } from '../../ui/section.tsx';
import { ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { useTicking } from '../../ui/ticker.ts';
import { useHeldList } from '../../ui/use-held-list.ts';
import { useTeam } from '../team/use-team.tsx';
import { InviteForm } from './invite-form.tsx';
import { LinkDialog, type IssuedLink } from './link-dialog.tsx';

type Invitation = Outputs['invitation']['list'][number];

const keyOf = (invitation: Invitation) => invitation.id;
const none: Invitation[] = [];

export function InvitationList() {
  const team = useTeam();
  const invitations = trpc.invitation.list.useQuery({ teamId: team.id });
  const list = useHeldList(invitations.data ?? none, { keyOf });
  const [issued, setIssued] = useState<IssuedLink | null>(null);
  return (
    <Section
      title="Invitations"
      text="Whoever has signed up with that address sees the invitation at once; others need its link."
    >
      <InviteForm onIssued={setIssued} />
      {invitations.data ? (
        list.rows.length > 0 && (
          <Rows label="Invitations" held={list}>
            {list.rows.map((invitation) => (
              <InvitationRow
                key={invitation.id}
                invitation={invitation}
                flash={list.isFlashing(invitation.id)}
                onIssued={setIssued}
              />
            ))}
          </Rows>
        )
      ) : invitations.error ? (
        <ErrorState error={invitations.error} retry={invitations.refetch} />
      ) : (
        <ListSkeleton rows={2} />
      )}
      <LinkDialog issued={issued} onClose={() => setIssued(null)} />
    </Section>
  );
}

const COLOURS = {
  Pending: 'blue',
  Expired: 'gray',
  Accepted: 'teal',
  Declined: 'orange',
  Revoked: 'gray',
} as const satisfies Record<Invitation['status'] | 'Expired', string>;

interface InvitationRowProps {
  readonly invitation: Invitation;
  readonly flash: boolean;
  readonly onIssued: (link: IssuedLink) => void;
}

function InvitationRow({ invitation, flash, onIssued }: InvitationRowProps) {
  const { email, invitedBy, createdAt, expiresAt, answeredAt } = invitation;
  // No event tells of it: time alone does.
  const isOver = useTicking((now) => invitation.expired || Date.parse(expiresAt) <= now);
  const status = isOver && invitation.status === 'Pending' ? 'Expired' : invitation.status;
  return (
    <Row flash={flash}>
      <div style={{ flex: '1 1 240px', minWidth: 0 }}>
        <Text size="sm" fw={500} truncate>
          {email}
        </Text>
        <Text size="xs" c="dimmed" component="div">
          by <PersonName person={invitedBy} />, <RelativeTime at={answeredAt ?? createdAt} />
          {status === 'Pending' && (
            <>
              , ends <RelativeTime at={expiresAt} />
            </>
          )}
        </Text>
      </div>
      <Badge variant="light" color={COLOURS[status]} tt="none" size="sm">
        {status}
      </Badge>
      {invitation.status === 'Pending' && <PendingActions invitation={invitation} onIssued={onIssued} />}
    </Row>
  );
}

function PendingActions({ invitation, onIssued }: Pick<InvitationRowProps, 'invitation' | 'onIssued'>) {
  const { id, email } = invitation;
  const team = useTeam();
  const confirm = useConfirm();
  const renew = useAct(trpc.invitation.renew.useMutation());
  const revoke = useAct(trpc.invitation.revoke.useMutation());

  const newLink = async () => {
    const made = await renew.run({ teamId: team.id, id });
    if (made) onIssued({ email, secret: made.secret });
  };
  const askToRevoke = async () => {
    const yes = await confirm({
      title: `Revoke the invitation of ${email}?`,
      text: 'Its link stops working. You can invite the address again.',
      confirm: 'Revoke invitation',
    });
    if (yes) await revoke.run({ teamId: team.id, id });
  };

  return (
    <Group gap={4} wrap="nowrap">
      <Button
        variant="default"
        size="compact-sm"
        loading={renew.pending}
        onClick={() => void newLink()}
        aria-label={`New link for ${email}`}
      >
        New link
      </Button>
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        loading={revoke.pending}
        onClick={() => void askToRevoke()}
        aria-label={`Revoke the invitation of ${email}`}
      >
        Revoke
      </Button>
    </Group>
  );
}
