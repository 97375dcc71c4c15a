import { Avatar, Group, Text } from '@mantine/core';

import { useMe } from './me.tsx';

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** A person's name; "you" is said beside one's own. */
export function PersonName({ person, avatar = false }: { person: Person | null; avatar?: boolean }) {
  const me = useMe();
  if (!person)
    return (
      <Text span inherit fs="italic">
        someone who has left
      </Text>
    );
  const name = (
    <Text span inherit>
      {person.name}
      {me?.id === person.id && (
        <Text span inherit c="dimmed">
          {' '}
          (you)
        </Text>
      )}
    </Text>
  );
  if (!avatar) return name;
  return (
    <Group component="span" gap={8} wrap="nowrap" display="inline-flex">
      <Avatar size={26} radius="xl" name={person.name} color="initials" aria-hidden />
      {name}
    </Group>
  );
}
