import { expect, test } from 'vitest';

import type { AnyChangeEvent } from '../event.ts';
import type { Delivery } from './delivery.ts';
import { Outbox } from './outbox.ts';

const sub = (...channels: string[]) => ({
  channels: channels.length === 0 ? undefined : new Set(channels),
  channelNames: channels.toSorted().join(),
});
type Sub = ReturnType<typeof sub>;

const event = (seq: number, channel: string, ...topics: string[]) => ({
  event: { channel, operation: 'INSERT', seq, announced_at: '' } satisfies AnyChangeEvent,
  topics,
});

const batch = () =>
  new Outbox<Sub, AnyChangeEvent>('a', 'b', [
    event(1, 'notes', 'x'),
    event(2, 'tasks', 'y', 'x'),
    event(3, 'notes', 'y'),
    event(4, 'notes', 'z', 'z'),
  ]);

function sent(outbox: Outbox<Sub, AnyChangeEvent>) {
  const deliveries = new Map<Sub, Delivery<AnyChangeEvent>>();
  outbox.send((to, delivery) => {
    expect(deliveries.has(to)).toBe(false);
    deliveries.set(to, delivery);
  });
  return {
    deliveries,
    to: (one: Sub) =>
      deliveries.get(one)?.frames.map(({ id, data }) => `${'seq' in data ? data.seq : data.channel}@${id}`),
  };
}

test('each hears the events of its topics once and in order, the last with the position after the batch', () => {
  const [x, xy, z] = [sub(), sub(), sub()];
  const outbox = batch();
  outbox.share(x, 'x');
  outbox.share(xy, 'y');
  outbox.share(xy, 'x');
  outbox.share(z, 'z');
  const { to } = sent(outbox);
  expect(to(x)).toEqual(['1@a', '2@b']);
  expect(to(xy)).toEqual(['1@a', '2@a', '3@b']);
  expect(to(z)).toEqual(['4@b']);
});

test('those who hear the same share one delivery, those of other channels have another, or none', () => {
  const [one, two, notes, others] = [sub(), sub(), sub('notes'), sub('others')];
  const outbox = batch();
  for (const each of [one, two, notes, others]) outbox.share(each, 'x');
  const { deliveries, to } = sent(outbox);
  expect(deliveries.get(one)).toBe(deliveries.get(two));
  expect(to(notes)).toEqual(['1@b']);
  expect(deliveries.has(others)).toBe(false);
});

test('what is one’s own comes after what is shared, and leaves that to the others', () => {
  const [one, two, alone] = [sub(), sub(), sub('others')];
  const outbox = batch();
  outbox.share(one, 'x');
  outbox.share(two, 'x');
  outbox.add(one, { channel: 'resync', reason: 'access-widened' });
  outbox.add(alone, { channel: 'resync', reason: 'access-widened' });
  const { to } = sent(outbox);
  expect(to(one)).toEqual(['1@a', '2@a', 'resync@b']);
  expect(to(two)).toEqual(['1@a', '2@b']);
  expect(to(alone)).toEqual(['resync@b']);
});
