// @vitest-environment happy-dom
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import { getQueryKey } from '@trpc/react-query';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { expect, onTestFinished, test } from 'vitest';

import { createTestQueryClient, TestApp } from '../../testing.tsx';
import { trpc } from '../../trpc.ts';
import type { MyTeam } from './pages.ts';
import { TeamLayout } from './team-layout.tsx';
import { TeamSettings } from './team-settings.tsx';

const demo: MyTeam = { id: 1, name: 'Demo', isOwner: false, pages: [], roleIds: [] };

/** Bo on his team's page. What was ever on the page is kept: a flash is no less wrong for being short. */
async function onTeamPage() {
  let teams = [demo];
  const left = Promise.withResolvers<undefined>();
  const root = createRootRoute();
  const home = createRoute({ getParentRoute: () => root, path: '/', component: () => 'My teams' });
  const team = createRoute({ getParentRoute: () => root, path: '/teams/$teamId', component: TeamLayout });
  const page = createRoute({ getParentRoute: () => team, path: '/team', component: TeamSettings });
  const router = createRouter({
    routeTree: root.addChildren([home, team.addChildren([page])]),
    history: createMemoryHistory({ initialEntries: ['/teams/1/team'] }),
  });
  const queryClient = createTestQueryClient();
  const seen: (string | null)[] = [];
  const watcher = new MutationObserver(() => seen.push(document.body.textContent));
  watcher.observe(document.body, { childList: true, subtree: true, characterData: true });
  onTestFinished(() => watcher.disconnect());
  render(
    <TestApp
      queryClient={queryClient}
      answers={{ 'team.mine': () => teams, 'team.leave': () => left.promise }}
    >
      {/* The app's own router is the registered type; this one has its pages by other means. */}
      <RouterProvider router={router as never} />
    </TestApp>,
  );
  await waitFor(() => expect(screen.getByRole('button', { name: 'Leave team' })).toBeDefined());
  return {
    seen: () => seen.join('\n'),
    answer: left,
    /** The membership ends, and its event is heard. */
    hearOfTheEnd: async () => {
      teams = [];
      await act(() => queryClient.invalidateQueries({ queryKey: getQueryKey(trpc.team.mine) }));
    },
  };
}

async function leave() {
  fireEvent.click(screen.getByRole('button', { name: 'Leave team' }));
  const dialog = await screen.findByRole('dialog');
  const yes = [...dialog.querySelectorAll('button')].find(({ textContent }) => textContent === 'Leave team');
  await act(async () => yes?.click());
}

test('who leaves goes on at once, though the event comes before the answer', async () => {
  const { seen, answer, hearOfTheEnd } = await onTeamPage();
  await leave();
  await hearOfTheEnd();
  await screen.findByText('My teams');
  await act(async () => answer.resolve(undefined));
  expect(seen()).toContain('Leave Demo?');
  expect(seen()).not.toContain('no longer a member');
});

test('who is removed is told so', async () => {
  const { hearOfTheEnd } = await onTeamPage();
  await hearOfTheEnd();
  await waitFor(() =>
    expect(screen.getByRole('heading').textContent).toBe('You are no longer a member of Demo'),
  );
});

test('who could not leave, and is removed later, is told so', async () => {
  const { answer, hearOfTheEnd } = await onTeamPage();
  await leave();
  await act(async () => answer.reject(new Error('You are the last owner.')));
  await hearOfTheEnd();
  await waitFor(() =>
    expect(screen.getByRole('heading').textContent).toBe('You are no longer a member of Demo'),
  );
});
