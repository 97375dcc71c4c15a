import { trpc } from '../../trpc.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { DetailSkeleton, ErrorState } from '../../ui/states.tsx';
import { InstanceView } from './instance-view.tsx';

export function InstanceDetail({ teamId, instanceId }: { teamId: number; instanceId: number }) {
  const instance = trpc.instance.get.useQuery({ teamId, id: instanceId });
  usePageTitle(instance.data?.model.name ?? 'Instance', 'Instances');
  if (instance.isPending) return <DetailSkeleton />;
  return (
    <>
      {instance.error && <ErrorState error={instance.error} retry={() => instance.refetch()} />}
      {instance.data && <InstanceView teamId={teamId} instance={instance.data} />}
    </>
  );
}
