import { Button, Menu, Text } from '@mantine/core';
import { IconCheck, IconPlus, IconSelector } from '@tabler/icons-react';
import { useState } from 'react';

import { trpc } from '../../trpc.ts';
import { MenuLink } from '../../ui/links.tsx';
import { CreateTeamDialog } from './create-team.tsx';
import { useShownTeam } from './use-team.tsx';

/** The team one is in, and the way to the others. */
export function TeamSwitcher() {
  const current = useShownTeam();
  const teams = trpc.team.mine.useQuery();
  const [creating, setCreating] = useState(false);
  const name = current?.name ?? 'Choose a team';
  return (
    <>
      <Menu position="bottom-start" width={240}>
        <Menu.Target>
          <Button
            variant="default"
            size="compact-md"
            rightSection={<IconSelector size={16} aria-hidden />}
            aria-label={current ? `Team: ${name}` : name}
            maw={200}
          >
            <Text span truncate fw={600} size="sm">
              {name}
            </Text>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {teams.data?.map((team) => (
            <MenuLink
              key={team.id}
              to="/teams/$teamId"
              params={{ teamId: String(team.id) }}
              rightSection={team.id === current?.id ? <IconCheck size={16} aria-label="open" /> : null}
            >
              {team.name}
            </MenuLink>
          ))}
          {teams.data && teams.data.length > 0 && <Menu.Divider />}
          <Menu.Item leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
            Create a team
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <CreateTeamDialog opened={creating} onClose={() => setCreating(false)} />
    </>
  );
}
