/** A role as a coloured label. */
export interface RoleTag {
  id: number;
  name: string;
  colour: string;
}

/** From three columns of a left join. */
export function toRoleTag(id: number | null, name: string | null, colour: string | null): RoleTag | null {
  return id === null || name === null || colour === null ? null : { id, name, colour };
}
