import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core';
import { IconDots, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';

import { trpc, type Outputs } from '../../trpc.ts';
import { RoleTag } from '../../ui/role-tag.tsx';
import { Row, Rows } from '../../ui/rows.tsx';
import { Section } from '../../ui/section.tsx';
import { ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { useHeldList } from '../../ui/use-held-list.ts';
import { PAGE_WORDS } from '../team/pages.ts';
import { useTeam } from '../team/use-team.tsx';
import { RemoveRoleDialog } from './remove-role.tsx';
import { RoleDialog } from './role-form.tsx';

export type Role = Outputs['role']['list'][number];

const keyOf = (role: Role) => role.id;
const none: Role[] = [];

export function RoleList() {
  const team = useTeam();
  const roles = trpc.role.list.useQuery({ teamId: team.id });
  const list = useHeldList(roles.data ?? none, { keyOf });
  const [edited, setEdited] = useState<Role | 'new' | null>(null);
  const [removed, setRemoved] = useState<Role | null>(null);
  return (
    <Section
      title="Roles"
      text="A role is who does a task, and which pages open."
      action={
        team.isOwner && (
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => setEdited('new')}
          >
            Create role
          </Button>
        )
      }
    >
      {roles.data ? (
        <Rows label="Roles" held={list}>
          {list.rows.map((role) => (
            <Row key={role.id} flash={list.isFlashing(role.id)}>
              <div style={{ flex: '1 1 140px' }}>
                <RoleTag role={role} />
              </div>
              <Text size="sm" flex="2 1 220px">
                {role.pages.map((page) => PAGE_WORDS[page].name).join(', ') || 'Opens no page'}
                <Text span size="xs" c="dimmed" display="block">
                  {membersWords(role.memberCount)}
                  {role.openTasks !== null &&
                    role.openTasks > 0 &&
                    `, ${role.openTasks === 1 ? '1 task waits' : `${role.openTasks} tasks wait`}`}
                </Text>
              </Text>
              {team.isOwner && <RoleActions role={role} onEdit={setEdited} onRemove={setRemoved} />}
            </Row>
          ))}
        </Rows>
      ) : roles.error ? (
        <ErrorState error={roles.error} retry={roles.refetch} />
      ) : (
        <ListSkeleton rows={2} />
      )}
      {roles.data && list.rows.length === 0 && (
        <Text size="sm" c="dimmed">
          No roles yet. Create one for each kind of work, for example “Accounting”.
        </Text>
      )}
      <RoleDialog edited={edited} onClose={() => setEdited(null)} />
      <RemoveRoleDialog role={removed} others={roles.data ?? []} onClose={() => setRemoved(null)} />
    </Section>
  );
}

interface RoleActionsProps {
  readonly role: Role;
  readonly onEdit: (role: Role) => void;
  readonly onRemove: (role: Role) => void;
}

function RoleActions({ role, onEdit, onRemove }: RoleActionsProps) {
  return (
    <Group gap={4} wrap="nowrap">
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => onEdit(role)}
        aria-label={`Edit role ${role.name}`}
      >
        Edit
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for role ${role.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="red" onClick={() => onRemove(role)}>
            Remove role
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function membersWords(count: number): string {
  if (count === 0) return 'Nobody has it';
  return count === 1 ? '1 member' : `${count} members`;
}
