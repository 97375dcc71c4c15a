import { expect, test } from 'vitest';

import { createCalmMeter, createRingMeter } from './pump-rate.ts';

const limits = { wakeAbove: 50, sleepBelow: 20, calmFor: 1_000 };

test('five rings within a tenth of a second are fifty a second, and are forgotten as soon', () => {
  let now = 0;
  const meter = createRingMeter(limits, () => now);
  for (; now < 400; now += 100) meter.ring(1);
  expect(meter.busy).toBe(false);
  for (let end = now + 100; now < end; now += 20) meter.ring(1);
  expect(meter.busy).toBe(true);
  now += 100;
  expect(meter.busy).toBe(false);
});

test('what one process rings at one moment was one transaction', () => {
  const meter = createRingMeter(limits, () => 7);
  for (let row = 0; row < 100; row += 1) meter.ring(1);
  expect(meter.busy).toBe(false);
  for (let writer = 2; writer <= 5; writer += 1) meter.ring(writer);
  expect(meter.busy).toBe(true);
});

test('it is calm when the last second carried little, but not before a second has passed', () => {
  let now = 5_000;
  const meter = createCalmMeter(limits, () => now);
  now += 999;
  expect(meter.calm).toBe(false);
  now += 1;
  expect(meter.calm).toBe(true);
  meter.add(19);
  expect(meter.calm).toBe(true);
  now += 500;
  meter.add(1);
  expect(meter.calm).toBe(false);
  now += 500;
  expect(meter.calm).toBe(true);
});
