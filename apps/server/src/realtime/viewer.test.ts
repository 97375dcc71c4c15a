import type { AnyEvent } from '@processflow/db';
import { expect, test } from 'vitest';

import { access, type Viewer, type ViewerKey } from './viewer.ts';

const ADA = 'ada';
const person: ViewerKey = { profileId: ADA, sessionId: 's' };
const token: ViewerKey = { profileId: ADA, token: { id: 7, teamId: 1 } };

/** Ada, member of team 1 without a role, through a session or by a token of that team. */
function viewerOf(key: ViewerKey): Viewer {
  return {
    key,
    expiresAt: Infinity,
    email: null,
    teams: new Map([[1, { isOwner: false, roles: new Map() }]]),
  };
}

const head = { operation: 'INSERT', seq: 1, announced_at: '2026-01-01T00:00:00Z' } as const;
const joined = (team_id: number) =>
  ({ ...head, channel: 'profile_team_changes', profile_id: ADA, team_id, is_owner: true }) as AnyEvent;
const assigned = (team_id: number) =>
  ({ ...head, channel: 'profile_role_team_changes', profile_id: ADA, team_id, role_id: 3 }) as AnyEvent;
const verified = {
  ...head,
  channel: 'profile_changes',
  operation: 'UPDATE',
  changed: ['email_verified'],
  id: ADA,
  name: 'Ada',
  email: 'Ada@example.com',
  email_verified: true,
} as AnyEvent;

const topicsAfter = (key: ViewerKey, event: AnyEvent): string[] => {
  const widened = access.widen(viewerOf(key), event);
  if (widened === 'reload') return ['reload'];
  return [...access.topics(widened)];
};

test('a person gains what they gain, anywhere', () => {
  expect(topicsAfter(person, joined(2))).toEqual(
    expect.arrayContaining(['team:1', 'team:2', 'team:2/owners']),
  );
  expect(topicsAfter(person, assigned(2))).toEqual(['reload']);
  expect(topicsAfter(person, verified)).toContain('email:ada@example.com');
});

test('a token gains nothing by what its maker gains in another team, or as a person', () => {
  for (const event of [joined(2), assigned(2), verified]) {
    const before = viewerOf(token);
    expect(access.widen(before, event)).toBe(before);
  }
});

test('a token gains what its maker gains in its own team', () => {
  expect(topicsAfter(token, joined(1))).toContain('team:1/owners');
  expect(topicsAfter(token, assigned(1))).toEqual(['reload']);
});
