import { IconSchemaOff } from '@tabler/icons-react';

import { trpc } from '../../trpc.ts';
import { errorWords } from '../../ui/error-words.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { DetailSkeleton, EmptyState, ErrorState } from '../../ui/states.tsx';
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
  if (model.error && errorWords(model.error).code === 'NOT_FOUND') return <ModelGone />;
  return (
    <>
      {model.error && <ErrorState error={model.error} retry={() => model.refetch()} />}
      {model.data && <ModelView teamId={teamId} model={model.data} onRemoved={onRemoved} />}
    </>
  );
}

function ModelGone() {
  return (
    <EmptyState
      icon={<IconSchemaOff />}
      title="This model is not there any more"
      text="Somebody removed it, or it never was in this team. The others are in the list."
    />
  );
}
