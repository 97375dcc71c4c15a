import { Box } from '@mantine/core';
import { Link, Outlet } from '@tanstack/react-router';

import { Brand } from '../../ui/brand.tsx';
import { useMe } from '../../ui/me.tsx';
import { Shell } from '../../ui/shell.tsx';
import { ThemeToggle } from '../../ui/theme-toggle.tsx';
import { SessionEnded } from '../auth/session-ended.tsx';
import { InspectorGate } from '../inspector/inspector-gate.tsx';
import { InvitationBanner } from '../invitation/invitation-banner.tsx';
import { InvitationInbox } from '../invitation/invitation-inbox.tsx';
import { AccountMenu } from '../profile/account-menu.tsx';
import { LiveLight } from '../realtime/live-light.tsx';
import { OutdatedBanner } from '../realtime/outdated-banner.tsx';
import { usePrefetch } from './page-chunks.ts';
import { PlaceChanges, PlaceLinks, PlaceShortcuts } from './place-links.tsx';
import { TeamSwitcher } from './team-switcher.tsx';
import { useShownTeam } from './use-team.tsx';

/** The frame of every page for those who are signed in. */
export function SignedIn() {
  // On the way out the frame stands for a moment longer than the person; it must not ask for anything.
  return useMe() && <Frame />;
}

function Frame() {
  const team = useShownTeam();
  usePrefetch();
  return (
    <Shell
      start={
        <>
          <Box component={Link} to="/" aria-label="ProcessFlow, home" c="inherit" td="none">
            <Box visibleFrom="md">
              <Brand />
            </Box>
            <Box hiddenFrom="md">
              <Brand compact />
            </Box>
          </Box>
          <TeamSwitcher />
        </>
      }
      places={team && <PlaceLinks team={team} />}
      end={
        <>
          <LiveLight />
          <InvitationInbox />
          <ThemeToggle />
          <AccountMenu />
        </>
      }
      panel={<InspectorGate />}
      banners={
        <>
          <SessionEnded />
          <OutdatedBanner />
          <InvitationBanner />
        </>
      }
    >
      {team && <PlaceChanges team={team} />}
      {team && <PlaceShortcuts team={team} />}
      <Outlet />
    </Shell>
  );
}
