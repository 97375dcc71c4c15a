import { IconSchema } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';

import { trpc } from '../../trpc.ts';
import { ListDetail } from '../../ui/list-detail.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { DropZone } from './drop-zone.tsx';
import { ModelDetail } from './model-detail.tsx';
import { ModelList } from './model-list.tsx';
import { useUpload } from './use-upload.ts';

/** The team's models beside the one that is open. */
export function ModelsPage() {
  const params = useParams({ strict: false });
  const teamId = Number(params.teamId);
  const modelId = params.modelId === undefined ? null : Number(params.modelId);
  const models = trpc.model.list.useQuery({ teamId });
  const navigate = useNavigate();
  const openList = () => void navigate({ to: '/teams/$teamId/models', params: { teamId: String(teamId) } });
  const uploader = useUpload(
    teamId,
    (uploaded) =>
      void navigate({
        to: '/teams/$teamId/models/$modelId',
        params: { teamId: String(teamId), modelId: String(uploaded) },
      }),
  );
  return (
    <DropZone onFiles={(files) => void uploader.upload(files)}>
      <ListDetail
        alone={modelId === null && models.data?.length === 0}
        open={modelId !== null}
        listLabel="Models"
        detailLabel="Model"
        onBack={openList}
        list={<ModelList teamId={teamId} openId={modelId} uploader={uploader} />}
        detail={
          modelId === null ? (
            <EmptyState
              icon={<IconSchema />}
              title="Choose a model"
              text="Its drawing, what keeps it from running and who does its steps appear here."
            />
          ) : (
            <ModelDetail key={modelId} teamId={teamId} modelId={modelId} onRemoved={openList} />
          )
        }
      />
    </DropZone>
  );
}
