import { Button, Container, Group, Stack, Text, Title } from '@mantine/core';
import { IconRefresh, IconTerminal2, IconUsersGroup } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';

import { rules, useLiveStatus } from '../../live.ts';
import { trpc } from '../../trpc.ts';
import { ButtonLink } from '../../ui/links.tsx';
import { EmptyState, ErrorState, ListSkeleton } from '../../ui/states.tsx';
import { useInspector } from '../inspector/inspector-provider.tsx';
import type { MyTeam } from '../team/pages.ts';
import { useShownTeam } from '../team/use-team.tsx';
import { Hops } from './hops.tsx';
import { spokenHttp, useWalk } from './walk.ts';

/** The browser's side of `processflow doctor`: every hop that can be tried from here, with a real event. */
export function DoctorPage() {
  const teams = trpc.team.mine.useQuery();
  const shown = useShownTeam();
  const team = shown ?? teams.data?.[0];
  if (team) return <TestOfTeam key={team.id} team={team} />;
  if (!teams.data) {
    return teams.error ? <ErrorState error={teams.error} retry={teams.refetch} /> : <ListSkeleton />;
  }
  return (
    <EmptyState
      icon={<IconUsersGroup />}
      title="The test needs a team"
      text="It sends a change through the whole way, and every change belongs to a team."
      action={<ButtonLink to="/">Create or join one</ButtonLink>}
    />
  );
}

function TestOfTeam({ team }: { team: MyTeam }) {
  const { state, reason } = useLiveStatus();
  const inspector = useInspector();
  const queryClient = useQueryClient();
  const { client } = trpc.useUtils();
  const teamId = team.id;
  const { walk, again } = useWalk({
    origin: location.origin,
    teamId,
    queryClient,
    rules: { probe_changes: rules.probe_changes },
    probe: (nonce) => client.realtime.probe.mutate({ teamId, nonce }),
    authorize: () => client.role.list.query({ teamId }),
    httpVersion: spokenHttp,
  });

  return (
    <Container size="sm" py="xl">
      <Stack gap="lg">
        <Stack gap={4}>
          <Title order={1}>Connection test</Title>
          <Text c="dimmed">
            Sends a change that only you hear through the whole way to this page, as a member of {team.name},
            and says of each step how it is. It takes up to half a minute.
          </Text>
          <Text size="sm">
            The page’s own connection: <strong>{state}</strong>. {reason}.
          </Text>
        </Stack>
        <Hops walk={walk} />
        <Group>
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={again}
            loading={walk.running}
            loaderProps={{ type: 'dots' }}
          >
            Run again
          </Button>
          <Button
            variant="default"
            leftSection={<IconTerminal2 size={16} aria-hidden />}
            aria-pressed={inspector.isOpen}
            onClick={inspector.toggle}
          >
            Live inspector
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          What is behind the server, triggers and notifications, is tried from a terminal in its folder:{' '}
          <code>npm run --silent processflow -- doctor --database-url …</code>
        </Text>
      </Stack>
    </Container>
  );
}
