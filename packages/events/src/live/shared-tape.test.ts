import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createBookmark } from './bookmark.ts';
import { createTape } from './shared-tape.ts';
import type { Frame } from './source.ts';

interface Row {
  readonly channel: 'rows';
  readonly seq: number;
}

const position = (id: string): Frame<Row> => ({ id, data: { channel: 'position' } });
const row = (id: string, seq: number): Frame<Row> => ({ id, data: { channel: 'rows', seq } });

function tapeOf(limit: number, frames: readonly Frame<Row>[]) {
  const tape = createTape<Row>({ limit, now: () => 1000 });
  for (const frame of frames) tape.take(frame);
  const begins = (lastEventId?: string) =>
    tape.beginning(lastEventId).map(({ id, data }) => `${id} ${'seq' in data ? data.seq : data.channel}`);
  return { tape, begins };
}

test('a page that is new hears what comes, from where the stream is', () => {
  expect(tapeOf(10, [position('a'), row('a', 1), row('b', 2)]).begins()).toEqual(['b position']);
});

test('a page that missed nothing is told so, and one that missed something gets it', () => {
  const { begins } = tapeOf(10, [position('a'), row('b', 1), row('b', 2), row('c', 3)]);
  expect(begins('c')).toEqual(['c position']);
  expect(begins('b')).toEqual(['b position', 'b 2', 'c 3']);
  expect(begins('a')).toEqual(['a position', 'b 1', 'b 2', 'c 3']);
});

test('a page from elsewhere, or from before all that is kept, starts over', () => {
  const { begins, tape } = tapeOf(2, [position('a'), row('b', 1), row('c', 2), row('d', 3)]);
  expect(begins('b')).toEqual(['b position', 'c 2', 'd 3']);
  expect(begins('a')).toEqual(['d resync']);
  expect(begins('elsewhere')).toEqual(['d resync']);
  tape.clear();
  tape.take(position('x'));
  expect(begins('d')).toEqual(['x resync']);
});

test('what came at one position is forgotten as a whole: a page there may have any part of it', () => {
  const { begins, tape } = tapeOf(3, [position('a'), row('a', 1), row('a', 2), row('a', 3), row('a', 4)]);
  expect(tape.length).toBeLessThanOrEqual(3);
  expect(begins('a')).toEqual(['a resync']);
});

test('says what the server said of itself, and its clock as it is by now', () => {
  let now = 1000;
  const tape = createTape<Row>({ limit: 10, now: () => now });
  tape.take({ id: 'a', data: { channel: 'position', contract: { rows: '1' }, now: 1500 } });
  tape.take(position('b'));
  now = 3000;
  expect(tape.beginning('a')[0]?.data).toEqual({ channel: 'position', contract: { rows: '1' }, now: 3500 });
  expect(tape.beginning('elsewhere')[0]?.data).toMatchObject({ contract: { rows: '1' }, now: 3500 });
});

test('wherever a page breaks off, and however often, it hears each event once and in order, or starts over', () => {
  const batch = fc.integer({ min: 1, max: 4 });
  const breaks = fc.array(fc.nat({ max: 30 }), { maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(batch, { maxLength: 8 }),
      breaks,
      fc.integer({ min: 2, max: 12 }),
      (sizes, at, limit) => {
        const tape = createTape<Row>({ limit, now: () => 0 });
        const bookmark = createBookmark();
        let heard: number[] = [];
        let sent = 0;
        let read = 0;
        let away = false;
        const hear = ({ id, data }: Frame<Row>) => {
          const isNew = bookmark.note(id, 'seq' in data ? data.seq : undefined);
          // Whoever starts over reads all that is there; of the batch that it began in it may be told once more.
          if (data.channel === 'resync') {
            heard = Array.from({ length: sent }, (_, index) => index + 1);
            read = sent;
          }
          if (data.channel === 'rows' && isNew && data.seq > read) heard.push(data.seq);
        };
        const send = (frame: Frame<Row>) => {
          tape.take(frame);
          if (!away) hear(frame);
        };
        send(position('0'));
        let step = 0;
        const comeBack = () => {
          for (const frame of tape.beginning(bookmark.position)) hear(frame);
          away = false;
        };
        sizes.forEach((size, index) => {
          for (let one = 1; one <= size; one++) {
            step += 1;
            if (at.includes(step)) {
              if (away) comeBack();
              else away = true;
            }
            sent += 1;
            send(row(one === size ? `${index + 1}` : `${index}`, sent));
          }
        });
        if (away) comeBack();
        expect(heard).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
      },
    ),
  );
});
