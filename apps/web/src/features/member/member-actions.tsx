import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';

import { trpc } from '../../trpc.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useMe } from '../../ui/me.tsx';
import { useAct } from '../../ui/mutation.ts';
import { useTeam } from '../team/use-team.tsx';
import type { Member } from './member-list.tsx';

export function MemberActions({ member, isLastOwner }: { member: Member; isLastOwner: boolean }) {
  const me = useMe();
  const team = useTeam();
  const confirm = useConfirm();
  const setOwner = useAct(trpc.member.setOwner.useMutation());
  const remove = useAct(trpc.member.remove.useMutation(), { done: `${member.name} is no longer a member` });
  const { profileId, name, isOwner } = member;
  const isMe = me?.id === profileId;

  const toggleOwner = async () => {
    const yes =
      !isMe ||
      (await confirm({
        title: 'Give up being an owner?',
        text: 'You keep what your roles open. Another owner can make you one again.',
        confirm: 'Give it up',
      }));
    if (yes) await setOwner.run({ teamId: team.id, profileId, isOwner: !isOwner });
  };
  const askToRemove = async () => {
    const yes = await confirm({
      title: `Remove ${name} from ${team.name}?`,
      text: `${name} sees and hears nothing more of this team, at once. Tasks they claimed are free again.`,
      confirm: `Remove ${name}`,
    });
    if (yes) await remove.run({ teamId: team.id, profileId });
  };

  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${name}`} loading={remove.pending}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void toggleOwner()} disabled={isLastOwner}>
          {isOwner ? 'Make an ordinary member' : 'Make an owner'}
        </Menu.Item>
        {isLastOwner && <Menu.Label>A team needs an owner</Menu.Label>}
        {!isMe && (
          <Menu.Item color="red" onClick={() => void askToRemove()}>
            Remove from the team
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
