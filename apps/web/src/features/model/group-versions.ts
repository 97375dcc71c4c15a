export interface Versioned {
  name: string;
  version: number;
}

/** Models of one name beside each other, the newest version first; the groups keep the order of their first member. */
export function groupVersions<Model extends Versioned>(models: readonly Model[]): Model[] {
  const groups = new Map<string, Model[]>();
  for (const model of models) groups.set(model.name, [...(groups.get(model.name) ?? []), model]);
  return [...groups.values()].flatMap((versions) => versions.toSorted((a, b) => b.version - a.version));
}
