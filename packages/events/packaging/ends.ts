import type { Manifest } from './pack.ts';

/** What the stranger's application needs besides the kit's peers. */
const OTHERS = ['@types/node', '@types/pg', 'eventsource', 'typescript'];
/** And what goes with its React: here with the lowest, 18.0.0. */
const BESIDE_REACT = { 'react-dom': '18.0.0', '@types/react': '18.2.0', '@types/react-dom': '18.2.0' };

/** The newest in the registry, where the workspace has to stay behind (with `@trpc/react-query`, at 11.19). */
const NEWER = { '@trpc/client': '11.25.2', '@trpc/server': '11.25.2' };

/** All dependencies, with the peers at one end of their ranges: the lowest version or the newest. */
export function dependenciesAt(
  end: 'lowest' | 'newest',
  { peerDependencies, devDependencies }: Manifest,
): Record<string, string> {
  const dependencies: Record<string, string> = {};
  for (const name of [...Object.keys(peerDependencies), ...OTHERS, ...Object.keys(BESIDE_REACT)]) {
    const newest = devDependencies[name];
    if (newest === undefined) throw new Error(`The manifest has no development dependency "${name}"`);
    dependencies[name] = newest;
  }
  if (end === 'newest') return { ...dependencies, ...NEWER };
  for (const [name, range] of Object.entries(peerDependencies)) dependencies[name] = lowestOf(range);
  return { ...dependencies, ...BESIDE_REACT };
}

function lowestOf(range: string): string {
  const lowest = /\d+\.\d+\.\d+/.exec(range)?.[0];
  if (lowest === undefined) throw new Error(`The range "${range}" names no lowest version`);
  return lowest;
}
