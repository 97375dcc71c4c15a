import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';

import { trpc, type Outputs } from '../../trpc.ts';
import { useAct } from '../../ui/mutation.ts';
import { useTeam } from '../team/use-team.tsx';
import type { Member } from './member-list.tsx';

type Role = Outputs['role']['list'][number];

/** Gives and takes a member's roles, each at once. */
export function MemberRoles({ member, roles }: { member: Member; roles: readonly Role[] }) {
  const team = useTeam();
  const { run } = useSetRoles();
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button
          variant="default"
          size="compact-sm"
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={`Roles of ${member.name}`}
        >
          Roles
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {roles.length === 0 && <Menu.Label>No roles yet: create one below</Menu.Label>}
        <Menu.CheckboxGroup
          value={member.roleIds.map(String)}
          onChange={(ids) =>
            void run({ teamId: team.id, profileId: member.profileId, roleIds: ids.map(Number) })
          }
        >
          {roles.map((role) => (
            <Menu.CheckboxItem key={role.id} value={String(role.id)}>
              <span style={{ overflowWrap: 'anywhere' }}>{role.name}</span>
            </Menu.CheckboxItem>
          ))}
        </Menu.CheckboxGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Shown at once; taken back if the server refuses. */
function useSetRoles() {
  const utils = trpc.useUtils();
  return useAct(
    trpc.member.setRoles.useMutation({
      async onMutate({ teamId, profileId, roleIds }) {
        await utils.member.list.cancel({ teamId });
        const before = utils.member.list.getData({ teamId });
        utils.member.list.setData({ teamId }, (members) =>
          members?.map((each) => (each.profileId === profileId ? { ...each, roleIds } : each)),
        );
        return before;
      },
      onError: (_error, { teamId }, before) => utils.member.list.setData({ teamId }, before),
    }),
  );
}
