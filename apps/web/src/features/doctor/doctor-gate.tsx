import { useLiveStatus } from '../../live.ts';
import { createChunk } from '../../ui/chunk.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { ListSkeleton, Unreachable } from '../../ui/states.tsx';
import { useChunk } from '../../ui/use-chunk.ts';

const pageChunk = createChunk(async () => (await import('./doctor-page.tsx')).DoctorPage);

/** `/doctor`: fetched when somebody has a reason to ask. */
export function DoctorGate() {
  usePageTitle('Connection test');
  const { state, retry } = useChunk(pageChunk, useLiveStatus().state === 'live');
  if (state.status === 'loading') return <ListSkeleton />;
  if (state.status === 'failed') return <Unreachable what="This page" retry={retry} />;
  const { part: Page } = state;
  return <Page />;
}
