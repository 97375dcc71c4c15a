import { Alert, Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';

import { trpc } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';
import { useTeam } from '../team/use-team.tsx';
import type { Role } from './role-list.tsx';

const EVERYONE = 'everyone';

export interface RemoveRoleDialogProps {
  readonly role: Role | null;
  readonly others: readonly Role[];
  readonly onClose: () => void;
}

/** Removes a role; where tasks or models still name it, someone has to take its place. */
export function RemoveRoleDialog({ role, others, onClose }: RemoveRoleDialogProps) {
  return (
    <Modal opened={role !== null} onClose={onClose} title={`Remove the role ${role?.name ?? ''}?`} centered>
      {role && (
        <RemoveRole
          key={role.id}
          role={role}
          others={others.filter(({ id }) => id !== role.id)}
          onDone={onClose}
        />
      )}
    </Modal>
  );
}

function RemoveRole({ role, others, onDone }: { role: Role; others: readonly Role[]; onDone: () => void }) {
  const team = useTeam();
  const remove = useAct(trpc.role.remove.useMutation(), { inline: true });
  const [heir, setHeir] = useState<string | null>(null);
  const inUse = remove.error?.refusal?.code === 'role-in-use';

  const submit = async () => {
    const replaceBy = heir === EVERYONE ? null : Number(heir);
    const done = await remove.attempt({ teamId: team.id, id: role.id, ...(heir !== null && { replaceBy }) });
    if (done) onDone();
  };

  return (
    <Stack>
      <Text size="sm">
        {role.memberCount > 0 ? 'Members lose what it opened to them, at once.' : 'Nobody has this role.'}
      </Text>
      {remove.error && (
        <Alert
          color={inUse ? 'yellow' : 'red'}
          role="alert"
          title={inUse ? 'It is in use' : remove.error.title}
        >
          {remove.error.text}
        </Alert>
      )}
      {inUse && (
        <Select
          label="Who takes over its tasks?"
          placeholder="Choose"
          data={[
            ...others.map(({ id, name }) => ({ value: String(id), label: name })),
            { value: EVERYONE, label: 'Every member' },
          ]}
          value={heir}
          onChange={setHeir}
        />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button
          color="red"
          loading={remove.pending}
          disabled={inUse && heir === null}
          onClick={() => void submit()}
        >
          Remove role
        </Button>
      </Group>
    </Stack>
  );
}
