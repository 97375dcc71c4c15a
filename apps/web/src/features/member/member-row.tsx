import { Badge, Group, Text } from '@mantine/core';

import type { Outputs } from '../../trpc.ts';
import { PersonName } from '../../ui/person.tsx';
import { RoleTag } from '../../ui/role-tag.tsx';
import { Row } from '../../ui/rows.tsx';
import { useTeam } from '../team/use-team.tsx';
import { MemberActions } from './member-actions.tsx';
import type { Member } from './member-list.tsx';
import { MemberRoles } from './member-roles.tsx';

type Role = Outputs['role']['list'][number];

export interface MemberRowProps {
  readonly member: Member;
  readonly roles: readonly Role[];
  readonly isLastOwner: boolean;
  readonly flash: boolean;
}

export function MemberRow({ member, roles, isLastOwner, flash }: MemberRowProps) {
  const team = useTeam();
  const own = roles.filter(({ id }) => member.roleIds.includes(id));
  return (
    <Row flash={flash}>
      <div style={{ flex: '1 1 200px', minWidth: 0 }}>
        <Text component="div" size="sm" fw={500}>
          <PersonName person={{ id: member.profileId, name: member.name }} avatar />
        </Text>
        <Text size="xs" c="dimmed" truncate pl={34}>
          {member.email}
        </Text>
      </div>
      <Group gap={6} flex="1 1 180px">
        {member.isOwner && (
          <Badge variant="outline" size="sm" tt="none">
            Owner
          </Badge>
        )}
        {own.map((role) => (
          <RoleTag key={role.id} role={role} />
        ))}
        {own.length === 0 && !member.isOwner && (
          <Text size="xs" c="dimmed">
            No role yet
          </Text>
        )}
      </Group>
      {team.isOwner && (
        <Group gap={4} wrap="nowrap">
          <MemberRoles member={member} roles={roles} />
          <MemberActions member={member} isLastOwner={isLastOwner} />
        </Group>
      )}
    </Row>
  );
}
