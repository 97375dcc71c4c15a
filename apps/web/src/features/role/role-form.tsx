import { Alert, Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { ROLE_COLOURS } from '../../theme.ts';
import { trpc, type Page } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';
import { PAGE_WORDS, PAGES } from '../team/pages.ts';
import { useTeam } from '../team/use-team.tsx';
import { ColourChoice } from './colour-choice.tsx';
import type { Role } from './role-list.tsx';

/** Creates a role, or edits one. */
export function RoleDialog({ edited, onClose }: { edited: Role | 'new' | null; onClose: () => void }) {
  const role = edited === 'new' ? null : edited;
  return (
    <Modal opened={edited !== null} onClose={onClose} title={role ? `Edit ${role.name}` : 'Create a role'}>
      <RoleForm key={role?.id ?? 'new'} role={role} onDone={onClose} />
    </Modal>
  );
}

function RoleForm({ role, onDone }: { role: Role | null; onDone: () => void }) {
  const team = useTeam();
  const create = useAct(trpc.role.create.useMutation(), { inline: true });
  const update = useAct(trpc.role.update.useMutation(), { inline: true });
  const act = role ? update : create;
  const [name, setName] = useState(role?.name ?? '');
  const [colour, setColour] = useState<string>(role?.colour ?? ROLE_COLOURS[0]);
  const [pages, setPages] = useState<readonly Page[]>(role?.pages ?? ['tasks']);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const values = {
      teamId: team.id,
      name: name.trim(),
      colour,
      pages: PAGES.filter((page) => pages.includes(page)),
    };
    const done = role ? await update.attempt({ ...values, id: role.id }) : await create.attempt(values);
    if (done) onDone();
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {act.error && (
          <Alert color="red" role="alert" title={act.error.title}>
            {act.error.text}
          </Alert>
        )}
        <TextInput
          label="Name of the role"
          placeholder="For example: Accounting"
          description="Models name who does a task; the same name is matched by itself."
          required
          withAsterisk={false}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <ColourChoice value={colour} onChange={setColour} />
        <Checkbox.Group
          label="Pages it opens"
          value={[...pages]}
          onChange={(chosen) => setPages(PAGES.filter((page) => chosen.includes(page)))}
        >
          <Stack gap="xs" mt="xs">
            {PAGES.map((page) => (
              <Checkbox
                key={page}
                value={page}
                label={PAGE_WORDS[page].name}
                description={PAGE_WORDS[page].text}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={act.pending} disabled={name.trim() === ''}>
            {role ? 'Save role' : 'Create role'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
