/** A person as others see them. */
export interface Person {
  id: string;
  name: string;
}

/** From two columns of a left join. */
export function toPerson(id: string | null, name: string | null): Person | null {
  return id === null || name === null ? null : { id, name };
}
