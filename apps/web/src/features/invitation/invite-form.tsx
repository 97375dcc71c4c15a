import { Button, Group, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { trpc } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';
import { useTeam } from '../team/use-team.tsx';
import type { IssuedLink } from './link-dialog.tsx';

export function InviteForm({ onIssued }: { onIssued: (link: IssuedLink) => void }) {
  const team = useTeam();
  const create = useAct(trpc.invitation.create.useMutation(), { inline: true });
  const [email, setEmail] = useState('');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await create.run({ teamId: team.id, email: email.trim() });
    if (!made) return;
    onIssued({ email: email.trim(), secret: made.secret });
    setEmail('');
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Group align="flex-start" gap="xs">
        <TextInput
          flex={1}
          type="email"
          aria-label="Email address to invite"
          placeholder="name@example.com"
          autoComplete="off"
          required
          withAsterisk={false}
          value={email}
          error={create.error?.text}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
            create.clear();
          }}
        />
        <Button type="submit" loading={create.pending}>
          Invite
        </Button>
      </Group>
    </form>
  );
}
