import { Alert, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import type { Variables } from '@processflow/engine';
import { useState, type FormEvent } from 'react';

import { trpc } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';
import { isOpen } from './status-badge.tsx';
import type { Instance } from './types.ts';
import { VariableRowsEditor } from './variable-rows-editor.tsx';
import { changesOf, readRows, rowsOf, type VariableRow } from './variable-rows.ts';
import { VariableTable } from './variable-table.tsx';

/** What is known in this run; to be corrected as long as it is open. */
export function VariablesCard({ teamId, instance }: { teamId: number; instance: Instance }) {
  const [editing, setEditing] = useState(false);
  const empty = Object.keys(instance.variables).length === 0;
  return (
    <Paper withBorder p="md" component="section" aria-label="Values">
      <Group justify="space-between" mb="xs">
        <Title order={3}>Values</Title>
        {!editing && isOpen(instance.status) && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPencil size={14} aria-hidden />}
            onClick={() => setEditing(true)}
          >
            Correct values
          </Button>
        )}
      </Group>
      {editing ? (
        <VariablesForm teamId={teamId} instance={instance} onClose={() => setEditing(false)} />
      ) : empty ? (
        <Text size="sm" c="dimmed">
          Nothing has been entered yet.
        </Text>
      ) : (
        <VariableTable variables={instance.variables} />
      )}
    </Paper>
  );
}

function VariablesForm({
  teamId,
  instance,
  onClose,
}: {
  teamId: number;
  instance: Instance;
  onClose(): void;
}) {
  // What stood here when the editing began: only one's own corrections are sent, others' stay.
  const [before] = useState<Variables>(instance.variables);
  const [rows, setRows] = useState<readonly VariableRow[]>(() => rowsOf(before));
  const [tried, setTried] = useState(false);
  const utils = trpc.useUtils();
  const save = useAct(
    trpc.instance.setVariables.useMutation({
      onSuccess: onClose,
      onSettled: () => utils.instance.get.invalidate({ teamId, id: instance.id }),
    }),
    { inline: true },
  );
  const read = readRows(rows);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(read.errors).length > 0) return;
    const { set, unset } = changesOf(before, read.variables);
    if (Object.keys(set).length === 0 && unset.length === 0) return onClose();
    await save.run({ teamId, id: instance.id, set, unset });
  };

  return (
    <form onSubmit={submit} noValidate aria-label="Correct values">
      <Stack>
        <VariableRowsEditor
          rows={rows}
          errors={tried ? read.errors : {}}
          addLabel="Add another value"
          onChange={setRows}
        />
        {save.error && (
          <Alert color="red" role="alert" title={save.error.title}>
            {save.error.text}
          </Alert>
        )}
        <Group gap="sm">
          <Button type="submit" size="xs" loading={save.pending}>
            Save values
          </Button>
          <Button variant="default" size="xs" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
