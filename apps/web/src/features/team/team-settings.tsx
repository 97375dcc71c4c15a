import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { trpc } from '../../trpc.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useAct } from '../../ui/mutation.ts';
import { Section } from '../../ui/section.tsx';
import { useLeaving } from './leaving.tsx';
import { useTeam } from './use-team.tsx';

export function TeamSettings() {
  const team = useTeam();
  return (
    <Section title="This team">
      {/* A name that changes elsewhere replaces what stands in the field. */}
      {team.isOwner && <Rename key={team.name} />}
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={460}>
          {team.isOwner
            ? 'Deleting a team deletes its models, instances and tasks for everyone.'
            : 'After leaving you hear and see nothing more of this team.'}
        </Text>
        <Group gap="xs">
          <LeaveTeam />
          {team.isOwner && <DeleteTeam />}
        </Group>
      </Group>
    </Section>
  );
}

function Rename() {
  const team = useTeam();
  const rename = useAct(trpc.team.rename.useMutation(), { done: 'Renamed' });
  const [name, setName] = useState(team.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void rename.run({ teamId: team.id, name: name.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <TextInput
          label="Name of the team"
          required
          withAsterisk={false}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          flex={1}
        />
        <Button
          type="submit"
          variant="default"
          loading={rename.pending}
          disabled={name.trim() === '' || name.trim() === team.name}
        >
          Rename
        </Button>
      </Group>
    </form>
  );
}

function LeaveTeam() {
  const team = useTeam();
  const confirm = useConfirm();
  const leaving = useLeaving();
  const leave = useAct(trpc.team.leave.useMutation(), { done: `You have left ${team.name}` });
  const ask = async () => {
    const yes = await confirm({
      title: `Leave ${team.name}?`,
      text: 'You give back the tasks you claimed. Someone in the team has to invite you to come back.',
      confirm: 'Leave team',
    });
    if (yes) await leaving(() => leave.attempt({ teamId: team.id }));
  };
  return (
    <Button variant="default" loading={leave.pending} onClick={() => void ask()}>
      Leave team
    </Button>
  );
}

function DeleteTeam() {
  const team = useTeam();
  const confirm = useConfirm();
  const leaving = useLeaving();
  const remove = useAct(trpc.team.remove.useMutation(), { done: `${team.name} is deleted` });
  const ask = async () => {
    const yes = await confirm({
      title: `Delete ${team.name}?`,
      text: 'All its models, instances and tasks are deleted for everyone. This cannot be undone.',
      confirm: 'Delete team',
      typed: team.name,
    });
    if (yes) await leaving(() => remove.attempt({ teamId: team.id, name: team.name }));
  };
  return (
    <Button color="red" variant="light" loading={remove.pending} onClick={() => void ask()}>
      Delete team
    </Button>
  );
}
