import { IconProgress } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';

import { ListDetail } from '../../ui/list-detail.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { useFilter } from '../task/use-filter.ts';
import { InstanceDetail } from './instance-detail.tsx';
import { INSTANCE_FILTERS, InstanceList } from './instance-list.tsx';
import { StartDialog } from './start-dialog.tsx';

/** Runs of processes beside the one that is open. */
export function InstancesPage() {
  const params = useParams({ strict: false });
  const teamId = Number(params.teamId);
  const instanceId = params.instanceId === undefined ? null : Number(params.instanceId);
  const [filter, setFilter] = useFilter(INSTANCE_FILTERS, 'open');
  const [starting, setStarting] = useState(false);
  const navigate = useNavigate();
  return (
    <>
      <ListDetail
        open={instanceId !== null}
        listLabel="Instances"
        detailLabel="Instance"
        onBack={() =>
          void navigate({ to: '/teams/$teamId/instances', params: { teamId: String(teamId) }, search: true })
        }
        list={
          <InstanceList
            teamId={teamId}
            openId={instanceId}
            filter={filter}
            onFilter={setFilter}
            onStart={() => setStarting(true)}
          />
        }
        detail={
          instanceId === null ? (
            <EmptyState
              icon={<IconProgress />}
              title="Choose an instance"
              text="Where it stands, drawn on its diagram, and all that happened in it appear here."
            />
          ) : (
            <InstanceDetail key={instanceId} teamId={teamId} instanceId={instanceId} />
          )
        }
      />
      <StartDialog teamId={teamId} opened={starting} onClose={() => setStarting(false)} />
    </>
  );
}
