import { expect, test } from 'vitest';

import { LOG_CHANNEL } from './change-log-sql.ts';
import { encodePosition } from './position.ts';
import { parseSnapshot } from './snapshot.ts';
import { collectMarks } from './source-marks.ts';

const PUMP = 1;
const WRITER = 2;
const position = (snapshot: string): string =>
  encodePosition({ epoch: 'aaaaaa', snapshot: parseSnapshot(snapshot) });
const event = (payload: string) => ({ channel: 'notes', payload });
const mark = (events: number, xids?: readonly number[]) => ({
  channel: LOG_CHANNEL,
  payload: JSON.stringify({ from: position('10:10:'), to: position('13:13:'), events, xids }),
});

/** One that trusts the pump. */
function collect(limit: number) {
  const marks = collectMarks(limit);
  marks.hear(mark(0, []), PUMP);
  marks.trust(marks.doubted(false), [PUMP]);
  return marks;
}

test('what a process sent since its last mark are the events of its next, each with its transaction', () => {
  const marks = collect(10);
  marks.hear(event('before'), PUMP);
  marks.hear(mark(1, [0]), PUMP);
  marks.hear(event('a'), PUMP);
  marks.hear(event('b'), PUMP);
  expect(marks.hear(mark(2, [2, 0]), PUMP)).toMatchObject({
    kind: 'mark',
    mark: {
      until: position('13:13:'),
      events: [
        { payload: 'a', xid: 12n },
        { payload: 'b', xid: 10n },
      ],
    },
  });
});

test('whoever has sent a mark sends another after its events; of all others each event is a ring', () => {
  const marks = collectMarks(10);
  expect(marks.hear(event('a'), PUMP).kind).toBe('ring');
  marks.hear(mark(1, [0]), PUMP);
  marks.trust([PUMP], [PUMP]);
  expect(marks.hear(event('b'), PUMP).kind).toBe('pumped');
  marks.hear(mark(1, [0]), PUMP);
  expect(marks.hear(event('c'), WRITER).kind).toBe('ring');
  expect(marks.hear(event('d'), PUMP).kind).toBe('pumped');
  // Amid the pump's events somebody else's: it was no batch after all.
  expect(marks.hear(event('e'), WRITER).kind).toBe('ring');
  expect(marks.hear(event('f'), PUMP).kind).toBe('ring');
});

test.each([
  ['fewer events came than it says', ['a'], mark(2, [0, 1])],
  ['more came', ['a', 'b', 'c'], mark(2, [0, 1])],
  ['it does not say whose they are', ['a', 'b'], mark(2)],
  ['there are more than can be taken', ['a', 'b', 'c', 'd', 'e'], mark(5, [0, 1, 2, 3, 4])],
])('a mark has no events to take when %s', (_, payloads, its) => {
  const marks = collect(3);
  for (const payload of payloads) marks.hear(event(payload), PUMP);
  const heard = marks.hear(its, PUMP);
  expect(heard.kind).toBe('mark');
  expect(heard).toHaveProperty('mark.events', undefined);
});

test.each([
  '',
  'nonsense',
  '{"read":true}',
  '[]',
  'null',
  '{"from":1,"to":2}',
  '{"from":"a","to":"b","events":0}',
])('anything else on its channel is a reason to read: %j', (payload) => {
  expect(collectMarks(3).hear({ channel: LOG_CHANNEL, payload }, WRITER)).toEqual({ kind: 'ring' });
});

test('events whose mark does not come are noticed, and their sender is trusted no more', () => {
  const marks = collect(3);
  expect(marks.unmarked).toBe(false);
  marks.hear(event('a'), PUMP);
  expect(marks.unmarked).toBe(true);
  marks.reset();
  expect(marks.hear(event('b'), PUMP).kind).toBe('ring');
  expect(marks.hear(mark(1, [0]), PUMP).kind).toBe('ring');
});

test('a mark of whoever is not trusted is a reason to read, and to ask who that is', () => {
  const marks = collectMarks(3);
  marks.hear(event('a'), WRITER);
  expect(marks.doubted(true)).toEqual([]);
  expect(marks.hear(mark(1, [0]), WRITER)).toEqual({ kind: 'ring' });
  expect(marks.doubted(false)).toEqual([WRITER]);
  expect(marks.trust([WRITER], [])).toBe(true);
  expect(marks.doubted(true)).toEqual([]);
  expect(marks.hear(event('b'), WRITER).kind).toBe('ring');
  expect(marks.hear(mark(1, [0]), WRITER)).toEqual({ kind: 'ring' });
});

test('who is trusted is asked about again, and not trusted once the answer is no', () => {
  const marks = collect(3);
  expect([marks.doubted(false), marks.doubted(true)]).toEqual([[], [PUMP]]);
  expect(marks.trust([PUMP], [PUMP])).toBe(true);
  expect(marks.hear(mark(0, []), PUMP).kind).toBe('mark');
  expect(marks.trust([PUMP], [])).toBe(false);
  expect(marks.hear(event('a'), PUMP).kind).toBe('ring');
  expect(marks.hear(mark(1, [0]), PUMP).kind).toBe('ring');
});

test('an answer that comes after it began anew counts no more, and of many suspects some are remembered', () => {
  const marks = collectMarks(3);
  marks.hear(mark(0, []), PUMP);
  marks.reset();
  marks.trust([PUMP], [PUMP]);
  expect(marks.hear(mark(0, []), PUMP).kind).toBe('ring');
  for (let processId = 1; processId <= 1_000; processId += 1) marks.hear(mark(0, []), processId);
  expect(marks.doubted(true)).toHaveLength(100);
});
