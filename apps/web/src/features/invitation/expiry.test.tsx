// @vitest-environment happy-dom
import { act, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createTestQueryClient, TestApp } from '../../testing.tsx';
import type { Outputs } from '../../trpc.ts';
import { TeamProvider } from '../team/use-team.tsx';
import { InvitationBanner } from './invitation-banner.tsx';
import { InvitationInbox } from './invitation-inbox.tsx';
import { InvitationList } from './invitation-list.tsx';

vi.mock('@tanstack/react-router', () => ({ useNavigate: () => () => Promise.resolve() }));

const NOON = Date.parse('2026-01-01T12:00:00Z');
const inMinutes = (minutes: number) => new Date(NOON + minutes * 60_000).toISOString();

beforeEach(() => void vi.useFakeTimers({ now: NOON, toFake: ['Date', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const minutesLater = (minutes: number) => act(() => void vi.advanceTimersByTime(minutes * 60_000));

test('an invitation to oneself goes from banner and inbox when it expires, without an event', async () => {
  const mine = (id: number, teamName: string, expiresAt: string): Outputs['invitation']['mine'][number] => ({
    id,
    teamId: id,
    teamName,
    invitedBy: { id: 'a', name: 'Ada' },
    createdAt: inMinutes(-60),
    expiresAt,
  });
  render(
    <TestApp
      queryClient={createTestQueryClient()}
      answers={{ 'invitation.mine': () => [mine(1, 'Demo', inMinutes(5)), mine(2, 'Other', inMinutes(10))] }}
    >
      <InvitationBanner />
      <InvitationInbox />
    </TestApp>,
  );
  await waitFor(() => expect(screen.getByText('Ada invites you to Demo')).toBeDefined());
  expect(screen.getByRole('button', { name: 'Invitations: 2 open' })).toBeDefined();

  minutesLater(6);
  expect(screen.queryByText('Ada invites you to Demo')).toBeNull();
  expect(screen.getByText('Ada invites you to Other')).toBeDefined();
  expect(screen.getByRole('button', { name: 'Invitations: 1 open' })).toBeDefined();

  minutesLater(5);
  expect(screen.queryByRole('region', { name: 'Invitations to you' })).toBeNull();
});

test('the team’s list says Expired by time alone, and an answered one stays answered', async () => {
  const invited = (id: number, status: 'Pending' | 'Accepted'): Outputs['invitation']['list'][number] => ({
    id,
    email: `${status}@example.com`,
    status,
    expired: false,
    invitedBy: null,
    createdAt: inMinutes(-60),
    expiresAt: inMinutes(5),
    answeredAt: null,
  });
  render(
    <TestApp
      queryClient={createTestQueryClient()}
      answers={{ 'invitation.list': () => [invited(1, 'Pending'), invited(2, 'Accepted')] }}
    >
      <TeamProvider team={{ id: 1, name: 'Demo', isOwner: true, pages: ['invitations'], roleIds: [] }}>
        <InvitationList />
      </TeamProvider>
    </TestApp>,
  );
  await waitFor(() => expect(screen.getByText('Pending')).toBeDefined());
  minutesLater(6);
  expect(screen.getByText('Expired')).toBeDefined();
  expect(screen.getByText('Accepted')).toBeDefined();
  expect(screen.queryByText('Pending')).toBeNull();
});
