import { expect, test } from 'vitest';

import type { AnyChangeEvent } from '../event.ts';
import { FrameQueue } from './subscriber.ts';
import { join, leave, logWorld, note, seqOf } from './testing-log.ts';

/** A world, and a stream of Ada's that is written to a sink, which says when it is behind. */
async function setUp(...world: Parameters<typeof logWorld>) {
  const w = logWorld(...world);
  const { frames } = await w.open('ada');
  if (!(frames instanceof FrameQueue)) throw new Error('not a queue');
  const queue: FrameQueue<AnyChangeEvent> = frames;
  let written: string[] = [];
  queue.attach({
    write: (delivery) =>
      void written.push(
        ...delivery.frames.map(
          ({ id, data }) =>
            `${'seq' in data ? String(data.seq) : `${data.channel}${'reason' in data ? ` ${data.reason}` : ''}`}@${id}`,
        ),
      ),
    end: () => void written.push('end'),
  });
  return {
    ...w,
    queue,
    /** What was written since it was last asked. */
    written: () => written.splice(0),
    tell(...announcements: Parameters<typeof w.write>) {
      w.write(...announcements);
      w.deliver();
    },
    async drain() {
      queue.behind(false);
      await w.answer();
    },
    restart: () => (written = []),
  };
}

test('a stream that is set aside is written nothing, and then all of it from the ring, once', async () => {
  const w = await setUp({ ada: [1] });
  const [before, during, after] = [note(1), note(1), note(1)];
  w.tell(before);
  w.queue.behind(true);
  w.tell(during);
  w.tell(note(2));
  expect(w.written()).toEqual(['position@h.0', `${seqOf(before)}@h.1`]);
  await w.drain();
  w.tell(after);
  expect(w.written()).toEqual(['position@h.1', `${seqOf(during)}@h.3`, `${seqOf(after)}@h.4`]);
  expect(w.hub.metrics).toMatchObject({ setAside: 1, resumedFromRing: 1, resyncs: 0 });
  expect(w.logReads).toEqual([]);
});

test('… from the log, where the ring has forgotten it', async () => {
  const w = await setUp({ ada: [1] }, { ringLimit: 0 });
  w.queue.behind(true);
  const missed = [note(1), note(1)];
  w.tell(missed[0]!);
  w.tell(missed[1]!);
  w.restart();
  await w.drain();
  expect(w.written()).toEqual(['position@h.0', `${seqOf(missed[0]!)}@h.0`, `${seqOf(missed[1]!)}@h.2`]);
  expect(w.logReads).toEqual(['h.0']);
});

test('… or starts over, when it was too much', async () => {
  const w = await setUp({ ada: [1] }, { queueLimit: 2 });
  w.queue.behind(true);
  for (let n = 0; n < 3; n += 1) w.tell(note(1));
  w.restart();
  await w.drain();
  expect(w.written()).toEqual(['resync too-far-behind@h.3']);
});

test('what was taken from its viewer meanwhile is never written, nor what came before it', async () => {
  const w = await setUp({ ada: [1, 2] });
  w.queue.behind(true);
  w.tell(note(1));
  w.tell(leave('ada', 1));
  w.tell(note(1), note(2));
  w.restart();
  await w.drain();
  expect(w.written()).toEqual(['resync access-widened@h.4']);
  const heard = note(2);
  w.tell(note(1), heard);
  expect(w.written()).toEqual([`${seqOf(heard)}@h.6`]);
});

test('what its viewer gained meanwhile makes it start over once, as soon as it can be told', async () => {
  const w = await setUp({ ada: [1] });
  w.queue.behind(true);
  w.tell(join('ada', 2));
  w.restart();
  expect(w.written()).toEqual([]);
  await w.drain();
  expect(w.written()).toEqual(['resync access-widened@h.1']);
});

test('a stream that is behind when everybody starts over does so as well, and hears what follows', async () => {
  const w = await setUp({ ada: [1] });
  w.queue.behind(true);
  w.tell(note(1));
  w.forget();
  w.hub.gap('h.1', 'gap');
  w.restart();
  await w.answer();
  expect(w.written()).toEqual([]);
  await w.drain();
  await w.answer();
  expect(w.written()).toEqual(['resync unknown-position@h.1']);
  const heard = note(1);
  w.tell(heard);
  expect(w.written()).toEqual([`${seqOf(heard)}@h.2`]);
});

test('one that has caught up while its viewer is being read begins with that', async () => {
  const w = await setUp({ ada: [1] });
  w.queue.behind(true);
  w.tell(note(1));
  w.forget();
  w.hub.gap('h.1', 'gap');
  // The viewer is there, and the log is being asked.
  await new Promise(setImmediate);
  w.restart();
  await w.drain();
  expect(w.written()).toEqual(['resync unknown-position@h.1']);
  const heard = note(1);
  w.tell(heard);
  expect(w.written()).toEqual([`${seqOf(heard)}@h.2`]);
});

test('one whose viewer is read anew while the log is asked what it missed begins with that, too', async () => {
  const w = await setUp({ ada: [1] }, { ringLimit: 0 });
  w.queue.behind(true);
  w.tell(note(1));
  w.restart();
  w.queue.behind(false);
  w.forget();
  w.hub.gap('h.1', 'gap');
  await w.answer();
  await w.answer();
  expect(w.written()).toEqual(['resync unknown-position@h.1']);
  const heard = note(1);
  w.tell(heard);
  expect(w.written()).toEqual([`${seqOf(heard)}@h.2`]);
});

test('one that is behind again at once goes on from where it was written to', async () => {
  const w = await setUp({ ada: [1] });
  w.queue.behind(true);
  const [first, second] = [note(1), note(1)];
  w.tell(first);
  w.restart();
  await w.drain();
  w.queue.behind(true);
  w.tell(second);
  await w.drain();
  expect(w.written()).toEqual([
    'position@h.0',
    `${seqOf(first)}@h.1`,
    'position@h.1',
    `${seqOf(second)}@h.2`,
  ]);
});

test('one that ends while it is behind is gone', async () => {
  const w = await setUp({ ada: [1] });
  w.queue.behind(true);
  w.tell(note(1));
  w.restart();
  await w.queue.return();
  await w.drain();
  w.tell(note(1));
  expect(w.written()).toEqual(['end']);
  expect(w.hub.subscriberCount).toBe(0);
});
