import { IconLock } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, type ReactNode } from 'react';

import type { Page } from '../../trpc.ts';
import { useAnnounce } from '../../ui/announcer.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { usePageTitle } from '../../ui/page-title.ts';
import { EmptyState, ListSkeleton } from '../../ui/states.tsx';
import { firstPlace, PAGE_WORDS } from './pages.ts';
import { useTeam } from './use-team.tsx';

const Tasks = lazy(async () => ({ default: (await import('../task/index.tsx')).TasksPage }));
const Instances = lazy(async () => ({ default: (await import('../instance/index.tsx')).InstancesPage }));
const Models = lazy(async () => ({ default: (await import('../model/index.tsx')).ModelsPage }));

export function TasksGate() {
  return (
    <PageGate page="tasks">
      <Tasks />
    </PageGate>
  );
}

export function InstancesGate() {
  return (
    <PageGate page="instances">
      <Instances />
    </PageGate>
  );
}

export function ModelsGate() {
  return (
    <PageGate page="models">
      <Models />
    </PageGate>
  );
}

/** A page for those whose roles open it, for as long as they do. */
function PageGate({ page, children }: { page: Page; children: ReactNode }) {
  const team = useTeam();
  const { name } = PAGE_WORDS[page];
  usePageTitle(name, team.name);
  if (!team.pages.includes(page)) return <Closed name={name} />;
  return <Suspense fallback={<ListSkeleton />}>{children}</Suspense>;
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
