import { Button, Center, Group, SegmentedControl, Stack, Title } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { IconPlayerPlay, IconProgress } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useMemo } from 'react';

import { trpc } from '../../trpc.ts';
import { HeldChanges } from '../../ui/held-changes.tsx';
import { EmptyState, ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { useHeldList } from '../../ui/use-held-list.ts';
import { useListKeys } from '../../ui/use-list-keys.ts';
import classes from '../task/list-row.module.css';
import { useOthersChanges } from '../task/use-others-changes.ts';
import { InstanceRow } from './instance-row.tsx';
import type { InstanceSummary } from './types.ts';

export type InstanceFilter = 'open' | 'ended' | 'all';
export const INSTANCE_FILTERS = ['open', 'ended', 'all'] as const satisfies readonly InstanceFilter[];

interface InstanceListProps {
  teamId: number;
  openId: number | null;
  filter: InstanceFilter;
  onFilter(filter: InstanceFilter): void;
  onStart(): void;
}

const keyOf = (instance: InstanceSummary) => instance.id;

/** All runs of the team's processes, the newest first. */
export function InstanceList({ teamId, openId, filter, onFilter, onStart }: InstanceListProps) {
  const instances = trpc.instance.list.useInfiniteQuery(
    { teamId, filter },
    { getNextPageParam: (page) => page.nextCursor },
  );
  const rows = useMemo(() => instances.data?.pages.flatMap((page) => page.items), [instances.data]);
  return (
    <>
      <Stack gap="xs" className={classes.head}>
        <Group justify="space-between" wrap="nowrap">
          <Title order={1}>Instances</Title>
          <Button size="xs" leftSection={<IconPlayerPlay size={14} aria-hidden />} onClick={onStart}>
            Start
          </Button>
        </Group>
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label="Which instances"
          value={filter}
          onChange={(value) => onFilter(INSTANCE_FILTERS.find((each) => each === value) ?? 'open')}
          data={[
            { value: 'open', label: 'Open' },
            { value: 'ended', label: 'Ended' },
            { value: 'all', label: 'All' },
          ]}
        />
      </Stack>
      {instances.error && <ErrorState error={instances.error} retry={() => instances.refetch()} />}
      {instances.isPending && !instances.error && <ListSkeleton rows={6} />}
      {rows && <Rows teamId={teamId} openId={openId} filter={filter} instances={rows} onStart={onStart} />}
      {instances.hasNextPage && (
        <More loading={instances.isFetchingNextPage} onMore={() => void instances.fetchNextPage()} />
      )}
    </>
  );
}

interface RowsProps {
  teamId: number;
  openId: number | null;
  filter: InstanceFilter;
  instances: readonly InstanceSummary[];
  onStart(): void;
}

function Rows({ teamId, openId, filter, instances, onStart }: RowsProps) {
  const navigate = useNavigate();
  const held = useHeldList(instances, { keyOf, scope: `${teamId}/${filter}` });
  const keys = useListKeys({
    ids: held.rows.map(keyOf),
    openId,
    noun: 'instance',
    onOpen: (instanceId) =>
      void navigate({
        to: '/teams/$teamId/instances/$instanceId',
        params: { teamId: String(teamId), instanceId: String(instanceId) },
        search: true,
      }),
  });
  const waitingOf = (taskId: number) =>
    instances.flatMap((instance) => instance.waitingFor).find((waiting) => waiting.taskId === taskId);
  const changes = useOthersChanges({
    teamId,
    shown: waitingOf,
    label: (id) => {
      const waiting = waitingOf(id);
      return waiting ? `“${waiting.name}”` : null;
    },
  });
  if (held.rows.length === 0) return <NoInstances filter={filter} onStart={onStart} />;
  return (
    <div {...held.holdProps}>
      <HeldChanges waiting={held.waiting} onShow={held.release} />
      <ul className={classes.rows} aria-label="Instances" {...keys.listProps}>
        {held.rows.map((instance) => (
          <InstanceRow
            key={instance.id}
            teamId={teamId}
            instance={instance}
            open={instance.id === openId}
            flash={held.isFlashing(instance.id)}
            itemProps={keys.itemProps(instance.id)}
            mark={changes.find((change) => change.instanceId === instance.id)?.mark ?? null}
          />
        ))}
      </ul>
    </div>
  );
}

function NoInstances({ filter, onStart }: { filter: InstanceFilter; onStart(): void }) {
  if (filter === 'ended') {
    return (
      <EmptyState
        icon={<IconProgress />}
        title="Nothing has ended yet"
        text="What is completed or cancelled is kept here."
      />
    );
  }
  return (
    <EmptyState
      icon={<IconProgress />}
      title="Nothing is running"
      text="Start one of your team's models: its tasks go to the people who do them, and you see here how far it is."
      action={<Button onClick={onStart}>Start an instance</Button>}
    />
  );
}

/** Loads on when it comes into view; a button for those who do not scroll. */
function More({ loading, onMore }: { loading: boolean; onMore(): void }) {
  const { ref, entry } = useIntersection<HTMLDivElement>();
  const inView = entry?.isIntersecting ?? false;
  const more = useEffectEvent(() => {
    if (!loading) onMore();
  });
  useEffect(() => {
    if (inView) more();
  }, [inView]);
  return (
    <Center ref={ref} p="md">
      <Button variant="default" size="xs" loading={loading} onClick={onMore}>
        Show more
      </Button>
    </Center>
  );
}
