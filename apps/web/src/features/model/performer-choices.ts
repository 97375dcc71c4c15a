import type { Performer, Role } from './types.ts';

/** `use:12`, `create` or `everyone`: as it stands in a select. */
export type Choice = string;

export interface DeployRole {
  performer: string;
  role: { use: number } | { create: string } | 'everyone';
}

/** The role of that name, else one to be created. */
export function defaultChoice(performer: Performer): Choice {
  if (performer.everyone) return 'everyone';
  return performer.roleId === null ? 'create' : `use:${performer.roleId}`;
}

export function choicesFor(performer: Performer, roles: readonly Role[]) {
  const existing = roles.map((role) => ({ value: `use:${role.id}`, label: role.name }));
  const same = roles.some((role) => role.name.toLowerCase() === performer.name.toLowerCase());
  return [
    ...(same ? [] : [{ value: 'create', label: `Create the role “${performer.name}”` }]),
    ...existing,
    { value: 'everyone', label: 'Every member' },
  ];
}

/** What is sent: a choice for every performer. */
export function deployRoles(
  performers: readonly Performer[],
  chosen: ReadonlyMap<string, Choice>,
): DeployRole[] {
  return performers.map((performer) => {
    const choice = chosen.get(performer.name) ?? defaultChoice(performer);
    if (choice === 'everyone') return { performer: performer.name, role: 'everyone' };
    if (choice === 'create') return { performer: performer.name, role: { create: performer.name } };
    return { performer: performer.name, role: { use: Number(choice.slice('use:'.length)) } };
  });
}
