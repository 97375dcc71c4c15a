import { Alert, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { trpc } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';
import { useTeam } from '../team/use-team.tsx';
import { IssuedToken } from './issued-token.tsx';

const ENDS = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: 'never', label: 'Not by itself' },
];

/** Creates a token, then shows it the one time it can be shown: the server keeps only its hash. */
export function TokenDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [token, setToken] = useState<string | null>(null);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => setToken(null)}
      // A click beside it would lose what is shown only now.
      closeOnClickOutside={token === null}
      title={token === null ? 'Create an API token' : 'Your API token'}
      centered
    >
      {token === null ? (
        <TokenForm onIssued={setToken} onCancel={onClose} />
      ) : (
        <IssuedToken token={token} onClose={onClose} />
      )}
    </Modal>
  );
}

function TokenForm({ onIssued, onCancel }: { onIssued: (token: string) => void; onCancel: () => void }) {
  const team = useTeam();
  const create = useAct(trpc.token.create.useMutation(), { inline: true });
  const [name, setName] = useState('');
  const [ends, setEnds] = useState('90');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const days = ends === 'never' ? null : Number(ends);
    const made = await create.run({ teamId: team.id, name: name.trim(), days });
    if (made) onIssued(made.token);
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
          label="What is it for?"
          placeholder="For example: Reports"
          description="A name to know it by when you revoke it."
          required
          withAsterisk={false}
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Select
          label="Ends"
          data={ENDS}
          value={ends}
          allowDeselect={false}
          onChange={(value) => setEnds(value ?? ends)}
          description="It also ends when you leave the team, and rests while you are no owner."
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={create.pending} disabled={name.trim() === ''}>
            Create token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
