import { Container, Paper, Stack, Text, Title } from '@mantine/core';

import { useMe } from '../../ui/me.tsx';
import { CreateTeamForm } from './create-team.tsx';

export function NoTeamPage() {
  const me = useMe();
  return (
    <Container size="xs" py="xl">
      <Stack gap="lg">
        <Stack gap={4}>
          <Title order={1}>Welcome, {me?.name}</Title>
          <Text c="dimmed">You are in no team yet. Processes and their tasks belong to a team.</Text>
        </Stack>
        <Paper withBorder p="lg">
          <Stack>
            <Title order={2}>Create a team</Title>
            <CreateTeamForm />
          </Stack>
        </Paper>
        <Paper withBorder p="lg">
          <Title order={2}>Or join one</Title>
          <Text size="sm" c="dimmed" mt="xs">
            {me?.emailVerified
              ? `When someone invites ${me.email}, the invitation appears on this page by itself.`
              : 'Someone who invites you gets a link to hand over to you: open it here, and you are in.'}
          </Text>
        </Paper>
      </Stack>
    </Container>
  );
}
