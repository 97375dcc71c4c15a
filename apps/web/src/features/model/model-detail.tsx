import { trpc } from '../../trpc.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { DetailSkeleton, ErrorState } from '../../ui/states.tsx';
import { ModelView } from './model-view.tsx';

interface ModelDetailProps {
  teamId: number;
  modelId: number;
  onRemoved(): void;
}

export function ModelDetail({ teamId, modelId, onRemoved }: ModelDetailProps) {
  const model = trpc.model.get.useQuery({ teamId, id: modelId });
  usePageTitle(model.data?.name ?? 'Model', 'Models');
  if (model.isPending) return <DetailSkeleton />;
  return (
    <>
      {model.error && <ErrorState error={model.error} retry={() => model.refetch()} />}
      {model.data && <ModelView teamId={teamId} model={model.data} onRemoved={onRemoved} />}
    </>
  );
}
