import { Alert, Button, Modal, Stack, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { trpc } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';

export function CreateTeamForm({ onDone }: { onDone?: () => void }) {
  const navigate = useNavigate();
  const utils = trpc.useUtils();
  const create = useAct(trpc.team.create.useMutation(), { inline: true });
  const [name, setName] = useState('');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await create.run({ name: name.trim() });
    if (!made) return;
    // The page of the new team needs to know it, also when the event is late.
    await utils.team.mine.refetch();
    onDone?.();
    await navigate({ to: '/teams/$teamId', params: { teamId: String(made.id) } });
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {create.error && (
          <Alert color="red" role="alert" title={create.error.title}>
            {create.error.text}
          </Alert>
        )}
        <TextInput
          label="Name of the team"
          placeholder="For example: Purchasing"
          required
          withAsterisk={false}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Button type="submit" loading={create.pending} disabled={name.trim() === ''}>
          Create team
        </Button>
      </Stack>
    </form>
  );
}

export function CreateTeamDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create a team">
      <CreateTeamForm onDone={onClose} />
    </Modal>
  );
}
