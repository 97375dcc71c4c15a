import { Container, Stack, Title } from '@mantine/core';

import { usePageTitle } from '../../ui/page-title.ts';
import { InvitationList } from '../invitation/invitation-list.tsx';
import { MemberList } from '../member/member-list.tsx';
import { RoleList } from '../role/role-list.tsx';
import { TokenList } from '../token/token-list.tsx';
import { TeamSettings } from './team-settings.tsx';
import { useTeam } from './use-team.tsx';

export function TeamPage() {
  const team = useTeam();
  usePageTitle('Team', team.name);
  return (
    <Container size="md" py={{ base: 'md', sm: 'xl' }}>
      <Stack gap="lg">
        <Title order={1}>{team.name}</Title>
        <MemberList />
        <RoleList />
        {team.pages.includes('invitations') && <InvitationList />}
        {team.isOwner && <TokenList />}
        <TeamSettings />
      </Stack>
    </Container>
  );
}
