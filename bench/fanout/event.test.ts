import { expect, test } from 'vitest';

import { encodeFrame, fanoutEvent, ReadyBuffer } from './event.ts';
import { countFrames, timeFrames } from './frame-counter.ts';
import { Pace } from './pace.ts';

const frame = (due: number): string => encodeFrame(fanoutEvent(123_456, 17, due));

test('a frame has some 260 bytes', () => {
  expect(Buffer.byteLength(frame(5_000_000))).toBeGreaterThan(250);
  expect(Buffer.byteLength(frame(5_000_000))).toBeLessThan(270);
});

test('frames are counted once wherever reads are cut, and nothing else is', () => {
  const stream = Buffer.from(
    `event: connected\ndata: {}\n\n\n${frame(1)}${frame(2)}event: ping\ndata: \n\n\n`,
  );
  for (let cut = 0; cut <= stream.length; cut += 1) {
    expect(countFrames(stream.subarray(0, cut)) + countFrames(stream.subarray(cut))).toBe(2);
  }
});

test('a frame tells how long ago it was due', () => {
  const latencies: number[] = [];
  expect(timeFrames(Buffer.from(frame(90) + frame(99.25)), 100, latencies)).toBe(2);
  expect(latencies).toEqual([10, 0.75]);
});

test('a ready buffer differs from what is encoded in nothing but the stamps', () => {
  const [one, other] = [fanoutEvent(123_456, 17, 7), fanoutEvent(123_456, 17, 8)];
  const ready = new ReadyBuffer(encodeFrame(fanoutEvent(123_456, 17, 0)));
  const joined = ready.join([one, other]).toString();
  const withoutTime = (text: string): string => text.replaceAll(/"announced_at":"[^"]*"/g, '');
  expect(withoutTime(joined)).toBe(withoutTime(encodeFrame(one) + encodeFrame(other)));
});

test('an even rate leaves out no event, joins no flushes when it is late, and says when each event was due', () => {
  const pace = new Pace({ rate: 200, teams: 2, flushEvery: 10, began: 1_000, firstSeq: 0 });
  expect(pace.wait(1_004)).toBe(6);
  expect(pace.wait(1_030)).toBe(-20);
  const flushes = [pace.flush(), pace.flush(), pace.flush()];
  expect(pace.wait(1_030)).toBe(10);
  expect(flushes.map((events) => events.map(({ seq, team_id }) => [seq, team_id]))).toEqual([
    [
      [0, 1],
      [1, 2],
    ],
    [
      [2, 1],
      [3, 2],
    ],
    [
      [4, 1],
      [5, 2],
    ],
  ]);
  expect(flushes.flat().map(({ due }) => Number.parseInt(due, 10))).toEqual([
    1_005_000, 1_010_000, 1_015_000, 1_020_000, 1_025_000, 1_030_000,
  ]);
});
