import { Button, NativeSelect, Skeleton, Stack, Text } from '@mantine/core';
import { IconUserQuestion } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { LiveEvent } from '../../live.ts';
import { trpc } from '../../trpc.ts';
import { ErrorState } from '../../ui/states.tsx';
import { Explanation } from './explanation.tsx';
import classes from './inspector.module.css';

/** For owners of the event's team: who heard it, and why somebody did not. */
export function WhoHeard({ event }: { event: LiveEvent }) {
  const teams = trpc.team.mine.useQuery();
  const [isOpen, setIsOpen] = useState(false);
  const teamId = event.channel === 'team_changes' ? event.id : event.team_id;
  if (teams.data?.find(({ id }) => id === teamId)?.isOwner !== true) return null;
  return (
    <Stack gap="xs" align="flex-start">
      <Button
        size="compact-xs"
        variant="default"
        aria-expanded={isOpen}
        leftSection={<IconUserQuestion size={14} aria-hidden />}
        onClick={() => setIsOpen(!isOpen)}
      >
        Who heard this?
      </Button>
      {isOpen && <Asking teamId={teamId} seq={event.seq} />}
    </Stack>
  );
}

function Asking({ teamId, seq }: { teamId: number; seq: number }) {
  const { client } = trpc.useUtils();
  const members = trpc.member.list.useQuery({ teamId });
  const invitations = trpc.invitation.list.useQuery({ teamId });
  const [email, setEmail] = useState('');
  // Not kept in the cache, which the inspector itself looks at: each time it is asked, it is asked anew.
  const why = useMutation({
    mutationFn: (who: string) => client.realtime.why.query({ teamId, seq, email: who }),
  });
  const error = members.error ?? invitations.error;
  if (error !== null) {
    return <ErrorState error={error} retry={() => Promise.all([members.refetch(), invitations.refetch()])} />;
  }
  if (members.data === undefined || invitations.data === undefined) {
    return <Skeleton height={30} role="status" aria-label="Loading" />;
  }
  const known = new Set(members.data.map((member) => member.email.toLowerCase()));
  const invited = new Set(invitations.data.map((invitation) => invitation.email)).difference(known);
  const ask = (who: string): void => {
    setEmail(who);
    if (who !== '') why.mutate(who);
  };
  return (
    <div className={classes.asking}>
      <NativeSelect
        size="xs"
        label="Person"
        value={email}
        onChange={({ currentTarget: { value } }) => ask(value)}
        data={[
          { value: '', label: 'Choose somebody …' },
          {
            group: 'Members',
            items: members.data.map((member) => ({
              value: member.email,
              label: `${member.name} (${member.email})`,
            })),
          },
          ...(invited.size === 0 ? [] : [{ group: 'Invited', items: [...invited] }]),
        ]}
      />
      <div aria-live="polite" aria-busy={why.isPending}>
        {email === '' ? (
          <Text size="xs" c="dimmed" mt={6}>
            Says for each rule whether it let this event through to them.
          </Text>
        ) : why.error !== null ? (
          <ErrorState error={why.error} retry={() => ask(email)} />
        ) : why.data === undefined ? (
          <Stack gap={6} mt="xs" role="status" aria-label="Loading">
            <Skeleton height={14} width="80%" />
            <Skeleton height={10} width="95%" />
            <Skeleton height={10} width="70%" />
          </Stack>
        ) : (
          <Explanation explanation={why.data} />
        )}
      </div>
    </div>
  );
}
