import { Text } from '@mantine/core';

import { trpc, type Outputs } from '../../trpc.ts';
import { Rows } from '../../ui/rows.tsx';
import { Section } from '../../ui/section.tsx';
import { ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { useHeldList } from '../../ui/use-held-list.ts';
import { useTeam } from '../team/use-team.tsx';
import { MemberRow } from './member-row.tsx';

export type Member = Outputs['member']['list'][number];

const keyOf = (member: Member) => member.profileId;
const none: Member[] = [];

export function MemberList() {
  const team = useTeam();
  const members = trpc.member.list.useQuery({ teamId: team.id });
  const roles = trpc.role.list.useQuery({ teamId: team.id });
  const list = useHeldList(members.data ?? none, { keyOf });
  const owners = members.data?.filter(({ isOwner }) => isOwner).length ?? 0;
  return (
    <Section
      title="Members"
      text={team.isOwner ? 'Roles open pages and decide who does which task.' : undefined}
    >
      {members.data ? (
        <Rows label="Members" held={list}>
          {list.rows.map((member) => (
            <MemberRow
              key={member.profileId}
              member={member}
              roles={roles.data ?? []}
              isLastOwner={member.isOwner && owners === 1}
              flash={list.isFlashing(member.profileId)}
            />
          ))}
        </Rows>
      ) : members.error ? (
        <ErrorState error={members.error} retry={members.refetch} />
      ) : (
        <ListSkeleton rows={3} />
      )}
      {members.data && list.rows.length === 1 && (
        <Text size="sm" c="dimmed">
          You are alone here. Invite someone below.
        </Text>
      )}
    </Section>
  );
}
