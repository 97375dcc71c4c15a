import { Button, FileButton, Group, Stack, Text, Title } from '@mantine/core';
import { IconSchema, IconUpload } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';

import { trpc } from '../../trpc.ts';
import { HeldChanges } from '../../ui/held-changes.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { EmptyState, ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { useHeldList } from '../../ui/use-held-list.ts';
import { useListKeys } from '../../ui/use-list-keys.ts';
import classes from '../task/list-row.module.css';
import { ListRow } from '../task/list-row.tsx';
import { groupVersions } from './group-versions.ts';
import { ModelBadge } from './model-badge.tsx';
import type { ModelSummary } from './types.ts';
import { UploadList } from './upload-list.tsx';
import { useExample } from './use-example.ts';
import type { Uploader } from './use-upload.ts';

interface ModelListProps {
  teamId: number;
  openId: number | null;
  uploader: Uploader;
}

const keyOf = (model: ModelSummary) => model.id;

/** The team's models, versions of one name together. */
export function ModelList({ teamId, openId, uploader }: ModelListProps) {
  const models = trpc.model.list.useQuery({ teamId });
  const grouped = useMemo(() => models.data && groupVersions(models.data), [models.data]);
  return (
    <>
      <Stack gap={4} className={classes.head}>
        <Group justify="space-between" wrap="nowrap">
          <Title order={1}>Models</Title>
          <UploadButton uploader={uploader} label="Upload" />
        </Group>
      </Stack>
      <UploadList uploader={uploader} />
      {models.error && <ErrorState error={models.error} retry={() => models.refetch()} />}
      {models.isPending && !models.error && <ListSkeleton rows={5} />}
      {grouped && grouped.length > 0 && <Rows teamId={teamId} openId={openId} models={grouped} />}
      {grouped?.length === 0 && <NoModels uploader={uploader} />}
    </>
  );
}

function UploadButton({ uploader, label }: { uploader: Uploader; label: string }) {
  return (
    <FileButton multiple accept=".bpmn,.bpmn2,.xml" onChange={(files) => void uploader.upload(files)}>
      {(props) => (
        <Button
          {...props}
          size="xs"
          leftSection={<IconUpload size={14} aria-hidden />}
          loading={uploader.busy}
        >
          {label}
        </Button>
      )}
    </FileButton>
  );
}

function NoModels({ uploader }: { uploader: Uploader }) {
  const example = useExample(uploader);
  return (
    <EmptyState
      icon={<IconSchema />}
      title="No models yet"
      text="A model says which steps a process has and who does them. Bring a .bpmn file from any modelling tool: choose it or drop it here."
      action={
        <Group justify="center">
          <UploadButton uploader={uploader} label="Upload a model" />
          <Button size="xs" variant="default" loading={example.pending} onClick={example.use}>
            Try the example
          </Button>
        </Group>
      }
    />
  );
}

interface RowsProps {
  teamId: number;
  openId: number | null;
  models: readonly ModelSummary[];
}

function Rows({ teamId, openId, models }: RowsProps) {
  const navigate = useNavigate();
  const held = useHeldList(models, { keyOf, scope: String(teamId) });
  const to = (modelId: number) =>
    ({
      to: '/teams/$teamId/models/$modelId',
      params: { teamId: String(teamId), modelId: String(modelId) },
    }) as const;
  const keys = useListKeys({
    ids: held.rows.map(keyOf),
    openId,
    noun: 'model',
    onOpen: (modelId) => void navigate(to(modelId)),
  });
  return (
    <div {...held.holdProps}>
      <HeldChanges waiting={held.waiting} onShow={held.release} />
      <ul className={classes.rows} aria-label="Models" {...keys.listProps}>
        {held.rows.map((model, index) => (
          <ListRow
            key={model.id}
            link={to(model.id)}
            itemProps={keys.itemProps(model.id)}
            open={model.id === openId}
            flash={held.isFlashing(model.id)}
            title={<RowTitle model={model} older={held.rows[index - 1]?.name === model.name} />}
            aside={<ModelBadge status={model.status} />}
          >
            <Group gap={6} c="dimmed" fz="xs">
              {model.instances !== null && (
                <>
                  <span>{model.instances === 1 ? '1 instance' : `${model.instances} instances`}</span>
                  <span aria-hidden>·</span>
                </>
              )}
              <span>
                {model.deployedAt ? 'deployed' : 'uploaded'}{' '}
                <RelativeTime at={model.deployedAt ?? model.createdAt} />
              </span>
            </Group>
          </ListRow>
        ))}
      </ul>
    </div>
  );
}

/** The name stands above its newest version; the older ones follow below it. */
function RowTitle({ model, older }: { model: ModelSummary; older: boolean }) {
  if (older) {
    return (
      <Text span size="sm" fw={500} pl="md">
        Version {model.version}
        <Text span visibleFrom="xl" inherit c="dimmed" fw={400}>
          {' '}
          of {model.name}
        </Text>
      </Text>
    );
  }
  return (
    <>
      {model.name}{' '}
      <Text span inherit c="dimmed" fw={400}>
        version {model.version}
      </Text>
    </>
  );
}
