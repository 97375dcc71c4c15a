import { expect, test } from 'vitest';

import { networkOf } from './limits-address.ts';
import { type Entered, Meter, type MeterOptions } from './limits-meter.ts';

const MINUTE = 60_000;

function meter(options: Partial<MeterOptions> = {}) {
  const clock = { now: 0 };
  return { clock, meter: new Meter({ atOnce: 3, perMinute: 6, now: () => clock.now, ...options }) };
}

function leave(entered: Entered): void {
  expect(entered.kind).toBe('entered');
  if (entered.kind === 'entered') entered.leave();
}

test('as many at once as may be, each name for itself, and again when one has left', () => {
  const { meter: streams } = meter();
  const [first] = [streams.enter('a'), streams.enter('a'), streams.enter('a')];
  expect(streams.enter('a').kind).toBe('too-many-at-once');
  expect(streams.enter('b').kind).toBe('entered');
  leave(first);
  // Leaving twice frees no second place.
  leave(first);
  expect(streams.enter('a').kind).toBe('entered');
  expect(streams.enter('a').kind).toBe('too-many-at-once');
});

test('after a quiet minute as many as a minute allows, then as time passes; what is refused costs nothing', () => {
  const { meter: streams, clock } = meter();
  for (let count = 0; count < 6; count += 1) leave(streams.enter('a'));
  expect(streams.enter('a')).toEqual({ kind: 'too-often', retryAfterMs: 10_000 });
  clock.now = 9_999;
  for (let count = 0; count < 100; count += 1) expect(streams.enter('a').kind).toBe('too-often');
  clock.now = 10_000;
  leave(streams.enter('a'));
  expect(streams.enter('a')).toEqual({ kind: 'too-often', retryAfterMs: 10_000 });
  clock.now += 10 * MINUTE;
  for (let count = 0; count < 6; count += 1) leave(streams.enter('a'));
  expect(streams.enter('a').kind).toBe('too-often');
});

test('who has left is forgotten after a minute; who stays is not', () => {
  const { meter: streams, clock } = meter();
  streams.enter('stays');
  for (let name = 0; name < 100; name += 1) leave(streams.enter(`left ${name}`));
  expect(streams.size).toBe(101);
  clock.now = MINUTE + 1;
  leave(streams.enter('another'));
  expect(streams.size).toBe(2);
  expect(streams.enter('stays').kind).toBe('entered');
  expect(streams.enter('stays').kind).toBe('entered');
  expect(streams.enter('stays').kind).toBe('too-many-at-once');
});

test('names made up within a minute cost bounded memory, and nobody who has streams their count', () => {
  const { meter: streams } = meter({ remembered: 1_000 });
  for (let count = 0; count < 3; count += 1) streams.enter('stays');
  let largest = 0;
  for (let name = 0; name < 50_000; name += 1) {
    leave(streams.enter(`made up ${name}`));
    largest = Math.max(largest, streams.size);
  }
  expect(largest).toBe(1_000);
  expect(streams.enter('stays').kind).toBe('too-many-at-once');
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:207', '192.0.2.7'],
  ['192.0.2.7:50123', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['unknown', 'unknown'],
  ['', ''],
  ['x'.repeat(1_000), 'x'.repeat(64)],
  ['[', '['],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
