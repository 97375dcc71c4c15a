import { IconLock } from '@tabler/icons-react';
import { useEffect, type ComponentType } from 'react';

import { useLiveStatus } from '../../live.ts';
import type { Page } from '../../trpc.ts';
import { useAnnounce } from '../../ui/announcer.tsx';
import type { Chunk } from '../../ui/chunk.ts';
import { ButtonLink } from '../../ui/links.tsx';
import { usePageTitle } from '../../ui/page-title.ts';
import { EmptyState, ListSkeleton, Unreachable } from '../../ui/states.tsx';
import { useChunk } from '../../ui/use-chunk.ts';
import { instancesChunk, modelsChunk, tasksChunk } from './page-chunks.ts';
import { firstPlace, PAGE_WORDS } from './pages.ts';
import { useTeam } from './use-team.tsx';

export function TasksGate() {
  return <PageGate page="tasks" chunk={tasksChunk} />;
}

export function InstancesGate() {
  return <PageGate page="instances" chunk={instancesChunk} />;
}

export function ModelsGate() {
  return <PageGate page="models" chunk={modelsChunk} />;
}

interface PageGateProps {
  page: Page;
  chunk: Chunk<ComponentType>;
}

/** A page for those whose roles open it, for as long as they do. */
function PageGate({ page, chunk }: PageGateProps) {
  const team = useTeam();
  const { name } = PAGE_WORDS[page];
  usePageTitle(name, team.name);
  return team.pages.includes(page) ? <Fetched chunk={chunk} /> : <Closed name={name} />;
}

function Fetched({ chunk }: { chunk: Chunk<ComponentType> }) {
  const { state, retry } = useChunk(chunk, useLiveStatus().state === 'live');
  if (state.status === 'loading') return <ListSkeleton />;
  if (state.status === 'failed') return <Unreachable what="This page" retry={retry} />;
  const { part: PageOfTeam } = state;
  return <PageOfTeam />;
}

function Closed({ name }: { name: string }) {
  const team = useTeam();
  const announce = useAnnounce();
  const title = `${name} is not open to you`;
  useEffect(() => announce(title), [announce, title]);
  return (
    <EmptyState
      icon={<IconLock />}
      title={title}
      text={`None of your roles in ${team.name} opens this page. An owner of the team can give you one that does.`}
      action={
        <ButtonLink to={firstPlace(team)} params={{ teamId: String(team.id) }}>
          Go to what is open
        </ButtonLink>
      }
    />
  );
}
