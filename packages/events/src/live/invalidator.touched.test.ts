import { QueryClient } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';

import { createInvalidator, keys, type Cause, type InvalidatorOptions, type Rules } from './invalidator.ts';

interface RoleEvent {
  readonly channel: 'role_changes';
  readonly team_id: number;
}
type OnTouched = NonNullable<InvalidatorOptions<RoleEvent>['onTouched']>;

const rules: Rules<RoleEvent> = {
  role_changes: { all: keys(['roles']), event: (event) => keys(['roles', event.team_id]) },
};
const event: RoleEvent = { channel: 'role_changes', team_id: 1 };

function setUp(onTouched: OnTouched) {
  const queryClient = new QueryClient();
  queryClient.setQueryData(['roles', 1], []);
  queryClient.setQueryData(['roles', 2], []);
  queryClient.setQueryData(['teams'], []);
  const onError = vi.fn<(error: unknown, what: string) => void>();
  const invalidator = createInvalidator<RoleEvent>(queryClient, { rules, onTouched, onError });
  const isStale = (...queryKey: unknown[]) => queryClient.getQueryState(queryKey)?.isInvalidated;
  return { queryClient, invalidator, onError, isStale };
}

test('says what an event and a resync touch, before any of it is marked', async () => {
  const told: { cause: Cause<RoleEvent>; keys: unknown[]; marked: boolean }[] = [];
  const given = setUp((cause, queries) =>
    told.push({
      cause,
      keys: queries.map(({ queryKey }) => queryKey),
      marked: queries.some(({ state }) => state.isInvalidated),
    }),
  );
  given.invalidator.onEvent(event);
  given.queryClient.setQueryData(['roles', 1], []);
  await given.invalidator.onResync({ reason: 'gap', channels: ['role_changes'] });
  expect(told).toEqual([
    { cause: { event }, keys: [['roles', 1]], marked: false },
    {
      cause: { resync: { reason: 'gap', channels: ['role_changes'] } },
      keys: [
        ['roles', 1],
        ['roles', 2],
      ],
      marked: false,
    },
  ]);
  expect([given.isStale('roles', 1), given.isStale('roles', 2), given.isStale('teams')]).toEqual([
    true,
    true,
    false,
  ]);
  given.invalidator.dispose();
  given.queryClient.clear();
});

test('one that fails is reported, and the queries are marked all the same', () => {
  const given = setUp(() => {
    throw new Error('broken');
  });
  given.invalidator.onEvent(event);
  expect(given.isStale('roles', 1)).toBe(true);
  expect(given.onError.mock.calls).toEqual([[new Error('broken'), 'onTouched failed']]);
  given.invalidator.dispose();
  given.queryClient.clear();
});
