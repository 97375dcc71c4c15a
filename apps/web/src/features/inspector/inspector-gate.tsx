import { useLiveStatus } from '../../live.ts';
import { createChunk } from '../../ui/chunk.ts';
import { useShortcut } from '../../ui/shortcuts.tsx';
import { Unreachable } from '../../ui/states.tsx';
import { useChunk } from '../../ui/use-chunk.ts';
import { useInspector } from './inspector-provider.tsx';

const panelChunk = createChunk(async () => (await import('./inspector-panel.tsx')).InspectorPanel);

/** The place of the developers' panel: nothing, until they ask for it. */
export function InspectorGate() {
  const { isOpen, toggle } = useInspector();
  useShortcut('mod+shift+L', 'Live inspector, for developers', toggle);
  return isOpen && <Fetched />;
}

function Fetched() {
  const { state, retry } = useChunk(panelChunk, useLiveStatus().state === 'live');
  if (state.status === 'loading') return null;
  if (state.status === 'failed') return <Unreachable what="The inspector" retry={retry} />;
  const { part: Panel } = state;
  return <Panel />;
}
