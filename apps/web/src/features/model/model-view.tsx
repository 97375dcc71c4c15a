import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay, IconRocket, IconTrash } from '@tabler/icons-react';
import { useMemo, useState } from 'react';

import { trpc } from '../../trpc.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useAct } from '../../ui/mutation.ts';
import { PersonName } from '../../ui/person.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Diagram, marksFromProblems } from '../diagram/index.ts';
import { StartDialog } from '../instance/start-dialog.tsx';
import { useTeam } from '../team/use-team.tsx';
import { DeployDialog } from './deploy-dialog.tsx';
import { ModelBadge } from './model-badge.tsx';
import { PerformersCard } from './performers-card.tsx';
import { ProblemList } from './problem-list.tsx';
import type { Model } from './types.ts';

interface ModelViewProps {
  teamId: number;
  model: Model;
  onRemoved(): void;
}

export function ModelView({ teamId, model, onRemoved }: ModelViewProps) {
  const [selected, setSelected] = useState<string | null>(null);
  const marks = useMemo(() => marksFromProblems(model.problems), [model.problems]);
  return (
    <Stack p="lg" gap="lg">
      <Header teamId={teamId} model={model} onRemoved={onRemoved} />
      <ProblemList problems={model.problems} selected={selected} onSelect={setSelected} />
      <Diagram
        xml={model.xml}
        label={`Diagram of ${model.name}`}
        marks={marks}
        selected={selected}
        height={420}
      />
      <PerformersCard teamId={teamId} model={model} />
    </Stack>
  );
}

function Header({ teamId, model, onRemoved }: ModelViewProps) {
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <Stack gap={4}>
        <Group gap="sm">
          <Title order={2} style={{ overflowWrap: 'anywhere' }}>
            {model.name}
          </Title>
          <ModelBadge status={model.status} />
        </Group>
        <Text size="sm" c="dimmed" component="div">
          Version {model.version} · uploaded <RelativeTime at={model.createdAt} /> by{' '}
          <PersonName person={model.uploadedBy} />
          {model.deployedAt && (
            <>
              {' '}
              · deployed <RelativeTime at={model.deployedAt} />
            </>
          )}
        </Text>
      </Stack>
      <Actions teamId={teamId} model={model} onRemoved={onRemoved} />
    </Group>
  );
}

function Actions({ teamId, model, onRemoved }: ModelViewProps) {
  const [open, setOpen] = useState<'deploy' | 'start' | null>(null);
  const mayStart = useTeam().pages.includes('instances');
  const close = () => setOpen(null);
  return (
    <Group gap="xs">
      {model.status === 'Draft' && (
        <Button
          size="xs"
          leftSection={<IconRocket size={14} aria-hidden />}
          disabled={model.problems.length > 0}
          onClick={() => setOpen('deploy')}
        >
          Deploy
        </Button>
      )}
      {model.status === 'Deployed' && mayStart && (
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          onClick={() => setOpen('start')}
        >
          Start
        </Button>
      )}
      <RemoveButton teamId={teamId} model={model} onRemoved={onRemoved} />
      {model.status === 'Draft' && (
        <DeployDialog teamId={teamId} model={model} opened={open === 'deploy'} onClose={close} />
      )}
      <StartDialog teamId={teamId} opened={open === 'start'} onClose={close} modelId={model.id} />
    </Group>
  );
}

function RemoveButton({ teamId, model, onRemoved }: ModelViewProps) {
  const confirm = useConfirm();
  const utils = trpc.useUtils();
  const remove = useAct(
    trpc.model.remove.useMutation({
      onSuccess: () => {
        onRemoved();
        return utils.model.list.invalidate({ teamId });
      },
    }),
    { done: 'Model removed.' },
  );
  const ask = async () => {
    const sure = await confirm({
      title: `Remove ${model.name}, version ${model.version}?`,
      text: 'The model goes for the whole team. A model that was ever started stays, because its history needs it.',
      confirm: 'Remove the model',
    });
    if (sure) await remove.run({ teamId, id: model.id });
  };
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconTrash size={14} aria-hidden />}
      loading={remove.pending}
      onClick={ask}
    >
      Remove
    </Button>
  );
}
