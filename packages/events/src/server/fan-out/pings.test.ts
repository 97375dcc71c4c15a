import { expect, test } from 'vitest';

import { type Pinged, Pings } from './pings.ts';

const EVERY = 3_200;

/** A wheel whose time goes on when the test says so. */
function setUp() {
  let now = 0;
  const timers: { run: () => void; at: number }[] = [];
  const pings = new Pings(EVERY, (run, milliseconds) => {
    const timer = { run, at: now + milliseconds };
    timers.push(timer);
    return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
  });
  return {
    pings,
    timers,
    now: () => now,
    /** Something that is pinged, with the times at which it was. */
    pinged(onPing: () => void = () => undefined): Pinged & { readonly times: number[]; write(): void } {
      const times: number[] = [];
      return {
        movedAt: 0,
        place: 0,
        times,
        write() {
          this.movedAt = pings.turn;
        },
        ping() {
          times.push(now);
          onPing();
          this.movedAt = pings.turn;
        },
      };
    },
    go(milliseconds: number) {
      const end = now + milliseconds;
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        timers.splice(timers.indexOf(next), 1);
        now = next.at;
        next.run();
      }
      now = end;
    },
  };
}

test('who is quiet is pinged once an interval, by one timer for all', () => {
  const w = setUp();
  const some = Array.from({ length: 100 }, () => w.pinged());
  for (const one of some) {
    w.pings.add(one);
    w.go(37);
  }
  expect(w.timers).toHaveLength(1);
  w.go(20 * EVERY);
  for (const { times } of some) {
    const gaps = times.slice(1).map((time, at) => time - times[at]!);
    expect(Math.max(...gaps, times[0]!)).toBeLessThanOrEqual(EVERY + 37 * 100);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(EVERY);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual((EVERY * 31) / 32);
  }
});

test('who was written to is pinged an interval after that', () => {
  const w = setUp();
  const one = w.pinged();
  w.pings.add(one);
  for (let n = 0; n < 10; n += 1) {
    w.go(EVERY / 2);
    one.write();
  }
  expect(one.times).toEqual([]);
  const written = w.now();
  w.go(EVERY);
  expect(one.times).toEqual([written + (EVERY * 31) / 32]);
});

test('who has left is not pinged, also when they leave because of a ping; with nobody left there is no timer', () => {
  const w = setUp();
  const stays = w.pinged();
  const leaves: ReturnType<typeof w.pinged> = w.pinged(() => w.pings.remove(leaves));
  w.pings.add(stays);
  w.pings.add(leaves);
  w.go(3 * EVERY);
  expect(leaves.times).toHaveLength(1);
  expect(stays.times).toHaveLength(3);
  w.pings.remove(stays);
  w.pings.remove(stays);
  expect(w.timers).toEqual([]);
  w.pings.add(leaves);
  w.go(EVERY);
  expect(leaves.times).toHaveLength(2);
});
