/**
 * Tabs whose workers have the same name share one. `version` is the address of the code that the tab runs, in which
 * the build wrote a hash of it.
 */
export function workerName(viewer: string, version: string): string {
  return `${viewer} ${new URL(version).pathname}`;
}

/** Whose stream a worker of this name holds. */
export function viewerIn(name: string): string {
  return name.split(' ')[0] ?? '';
}
