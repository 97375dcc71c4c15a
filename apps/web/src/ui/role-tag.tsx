import { Badge } from '@mantine/core';

import { roleColour } from '../theme.ts';

export interface RoleTagProps {
  /** null: for every member. */
  readonly role: { readonly id: number; readonly name: string; readonly colour: string } | null;
}

export function RoleTag({ role }: RoleTagProps) {
  if (!role) {
    return (
      <Badge variant="default" size="sm" tt="none" fw={500}>
        Every member
      </Badge>
    );
  }
  return (
    <Badge variant="light" color={roleColour(role.colour)} size="sm" tt="none" fw={600} maw={180}>
      {role.name}
    </Badge>
  );
}
