import { Alert, Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { trpc } from '../../trpc.ts';
import { TextLink } from '../../ui/links.tsx';
import { useAct } from '../../ui/mutation.ts';
import { ErrorState } from '../../ui/states.tsx';
import { VariableRowsEditor } from './variable-rows-editor.tsx';
import { readRows, type VariableRow } from './variable-rows.ts';

interface StartDialogProps {
  teamId: number;
  opened: boolean;
  onClose(): void;
  /** The model to begin with; default: the newest deployed one. */
  modelId?: number;
}

/** Chooses a deployed model and what is known from the start, then opens the new instance. */
export function StartDialog({ teamId, opened, onClose, modelId }: StartDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Start an instance" size="lg">
      <StartForm teamId={teamId} preset={modelId} onClose={onClose} />
    </Modal>
  );
}

function StartForm({
  teamId,
  preset,
  onClose,
}: {
  teamId: number;
  preset: number | undefined;
  onClose(): void;
}) {
  const models = trpc.model.list.useQuery({ teamId });
  const deployed = models.data?.filter((model) => model.status === 'Deployed') ?? [];
  const [chosen, setChosen] = useState(preset === undefined ? null : String(preset));
  const modelId = chosen ?? (deployed[0] ? String(deployed[0].id) : null);
  const [rows, setRows] = useState<readonly VariableRow[]>([]);
  const [tried, setTried] = useState(false);
  const utils = trpc.useUtils();
  const navigate = useNavigate();
  const start = useAct(trpc.instance.start.useMutation(), { inline: true });
  const read = readRows(rows);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (modelId === null || Object.keys(read.errors).length > 0) return;
    const started = await start.run({ teamId, modelId: Number(modelId), variables: read.variables });
    if (!started) return;
    void utils.instance.list.invalidate({ teamId });
    onClose();
    await navigate({
      to: '/teams/$teamId/instances/$instanceId',
      params: { teamId: String(teamId), instanceId: String(started.id) },
    });
  };

  if (models.error && !models.data) return <ErrorState error={models.error} retry={() => models.refetch()} />;
  if (models.data && deployed.length === 0) return <NothingDeployed teamId={teamId} />;
  return (
    <form onSubmit={submit} noValidate aria-label="Start an instance">
      <Stack>
        <Select
          label="Model"
          data={deployed.map((model) => ({
            value: String(model.id),
            label: `${model.name}, version ${model.version}`,
          }))}
          value={modelId}
          onChange={setChosen}
          allowDeselect={false}
          searchable={deployed.length > 8}
          data-autofocus
        />
        <Stack gap="xs" role="group" aria-label="Values known from the start">
          <Text size="sm" fw={500}>
            Values known from the start
          </Text>
          <VariableRowsEditor
            rows={rows}
            errors={tried ? read.errors : {}}
            addLabel={rows.length === 0 ? 'Add a value' : 'Add another value'}
            onChange={setRows}
          />
        </Stack>
        {start.error && (
          <Alert color="red" role="alert" title={start.error.title}>
            {start.error.text}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={start.pending} disabled={modelId === null}>
            Start
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function NothingDeployed({ teamId }: { teamId: number }) {
  return (
    <Text size="sm">
      No model is deployed yet, so there is nothing to start. Upload one or deploy a draft on{' '}
      <TextLink inherit to="/teams/$teamId/models" params={{ teamId: String(teamId) }}>
        Models
      </TextLink>
      .
    </Text>
  );
}
