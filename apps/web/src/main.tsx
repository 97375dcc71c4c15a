import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './ui/global.css';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import { createAuthApi } from './auth.ts';
import { browserSessionChannel } from './features/auth/session-channel.ts';
import { createSession } from './features/auth/session.ts';
import { createAppRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

const session = createSession(createAuthApi(), browserSessionChannel());
const router = createAppRouter(session);

let owner: string | undefined;
session.subscribe(() => {
  const before = owner;
  owner = session.get().profile?.id ?? before;
  // What the one before had open is not where the next one begins; an invitation is for whoever holds its link.
  const isSomeoneElse = before !== undefined && owner !== before;
  if (isSomeoneElse && router.state.location.pathname !== '/invitation') void router.navigate({ to: '/' });
  // Who is signed in decides which routes are open.
  else void router.invalidate();
});
void session.load();

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no element with the id "root".');

createRoot(element).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="top-center" limit={3} />
      <App session={session} version={import.meta.url}>
        <RouterProvider router={router} />
      </App>
    </MantineProvider>
  </StrictMode>,
);
