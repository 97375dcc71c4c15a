import { expect, test } from 'vitest';

import { role, setUp } from '../testing-helpers/live-store.ts';

const contract = { role_changes: 'a', profile_changes: 'b' };

test('a page whose channels are the server’s is told nothing, whatever channels there are besides', () => {
  const given = setUp({ contract });
  given.listen();
  given.last().handlers.onData({
    id: '1',
    data: { channel: 'position', contract: { ...contract, newer_changes: 'c' } },
  });
  expect(given.store.getStatus()).toMatchObject({ state: 'live', outdated: [] });
  given.send(role(1));
  expect(given.heard).toEqual([1]);
});

test('an event of a channel that the page does not know is ignored', () => {
  const given = setUp({ contract: { role_changes: 'a' } });
  given.live();
  given.send({ channel: 'profile_changes', seq: 1 });
  given.send(role(2));
  expect(given.heard).toEqual([2]);
  expect(given.onError).not.toHaveBeenCalled();
});

test('a channel that the server defines differently, or no more, is named; the others go on', () => {
  const given = setUp({ contract });
  given.listen();
  given.last().handlers.onData({
    id: '1',
    data: { channel: 'position', contract: { role_changes: 'a', profile_changes: 'B' } },
  });
  expect(given.store.getStatus()).toMatchObject({ state: 'live', outdated: ['profile_changes'] });
  given.send(role(1));
  expect(given.heard).toEqual([1]);
});

test('what comes on an outdated channel is no event any more, but a reason to fetch', () => {
  const given = setUp({ contract });
  given.listen();
  given.last().handlers.onData({
    id: '1',
    data: { channel: 'resync', reason: 'unknown-position', contract: { profile_changes: 'b' } },
  });
  expect(given.store.getStatus().outdated).toEqual(['role_changes']);
  given.resyncs.length = 0;
  given.send(role(1));
  expect(given.heard).toEqual([]);
  expect(given.resyncs).toEqual([{ reason: 'outdated', channels: ['role_changes'] }]);
  expect(given.state()).toBe('live');
});

test('a server that is taken back to the old version ends the warning; a page without a contract gets none', () => {
  const given = setUp({ contract });
  given.listen();
  given.last().handlers.onData({ id: '1', data: { channel: 'position', contract: {} } });
  expect(given.store.getStatus().outdated).toEqual(['role_changes', 'profile_changes']);
  given.last().handlers.onData({ id: '2', data: { channel: 'resync', reason: 'gap', contract } });
  expect(given.store.getStatus().outdated).toEqual([]);

  const careless = setUp();
  careless.listen();
  careless.last().handlers.onData({ id: '1', data: { channel: 'position', contract: {} } });
  expect(careless.store.getStatus().outdated).toEqual([]);
});

test('a row whose columns are called "contract" and "now" is an event like any other', () => {
  const given = setUp({ contract });
  given.live();
  const lease = { ...role(1), contract: 'Lease 2026', now: 1 };
  given.send(lease);
  given.send({ ...role(2), contract: null } as never);
  expect(given.heard).toEqual([1, 2]);
  expect(given.store.getStatus()).toMatchObject({ state: 'live', outdated: [] });
  expect(given.onError).not.toHaveBeenCalled();
});
