import { expect, test } from 'vitest';

import { join, leave, logWorld, note, seqOf } from './testing-log.ts';

test('a batch carries the position before it, its last frame the one after', async () => {
  const w = logWorld({ ada: [1] });
  const ada = await w.open('ada');
  const [a, b, c] = [note(1), note(2), note(1)];
  w.write(a, b, c);
  w.deliver();
  expect(await ada.read()).toEqual(['position@h.0', `${seqOf(a)}@h.0`, `${seqOf(c)}@h.3`]);
});

test('a stream that comes back soon hears what it missed from the ring, and the log is not read for it', async () => {
  const w = logWorld({ ada: [1] });
  const missed = [note(1), note(2), note(1)];
  w.write(...missed);
  await w.open('bo');
  const ada = await w.open('ada', 'h.0');
  expect(await ada.read()).toEqual(['position@h.0', `${seqOf(missed[0]!)}@h.0`, `${seqOf(missed[2]!)}@h.3`]);
  expect(w.logReads).toEqual([]);
  expect(w.hub.metrics).toMatchObject({ resumed: 1, resumedFromRing: 1, resumedInVain: 0 });
});

test('beyond the ring the log is read, and what comes after follows without hole or double', async () => {
  const w = logWorld({ ada: [1] }, { ringLimit: 0 });
  const missed = note(1);
  w.write(missed);
  w.deliver();
  const ada = await w.open('ada', 'h.0');
  const after = note(1);
  w.write(after);
  w.deliver();
  expect(await ada.read()).toEqual(['position@h.0', `${seqOf(missed)}@h.1`, `${seqOf(after)}@h.2`]);
  expect(w.logReads).toEqual(['h.0']);
});

test('a stream that missed nothing begins with the head', async () => {
  const w = logWorld({ ada: [1] });
  w.write(note(2));
  w.deliver();
  const ada = await w.open('ada', 'h.0');
  expect(await ada.read()).toEqual(['position@h.1']);
});

test('a position that the log does not know starts over, at the head', async () => {
  const w = logWorld({ ada: [1] }, { ringLimit: 0 });
  w.write(note(1), note(1));
  w.forget();
  const [other, old] = [await w.open('ada', 'elsewhere'), await w.open('ada', 'h.0')];
  expect(await other.read()).toEqual(['resync unknown-position@h.2']);
  expect(await old.read()).toEqual(['resync unknown-position@h.2']);
  expect(w.hub.metrics).toMatchObject({ resumed: 0, resumedInVain: 2 });
});

test('more than a stream may leave unread is not replayed', async () => {
  const w = logWorld({ ada: [1] }, { queueLimit: 3 });
  w.write(note(1), note(1), note(1));
  w.deliver();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual(['resync too-far-behind@h.3']);
});

test.each([
  ['joined', [1], () => [note(1), join('ada', 1), note(1)]],
  ['left', [], () => [note(1), leave('ada', 1), note(1)]],
  ['left and joined again', [1], () => [leave('ada', 1), note(1), join('ada', 1)]],
])('who %s meanwhile hears nothing of it and starts over', async (_, teams, missed) => {
  const w = logWorld({ ada: teams });
  w.write(...missed());
  w.deliver();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual(['resync access-widened@h.3']);
});

test('what others were given or lost meanwhile is heard like anything else', async () => {
  const w = logWorld({ ada: [1] });
  const joined = join('bo', 1);
  w.write(joined);
  w.deliver();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual(['position@h.0', `${seqOf(joined)}@h.1`]);
});

test('nothing from before a join reaches whoever opens after it, though the hub has not heard it yet', async () => {
  const w = logWorld({ ada: [1] });
  const before = note(1);
  // Committed, but not delivered yet, when Ada is read as a member.
  w.write(before, join('ada', 1));
  const ada = await w.open('ada');
  const after = note(1);
  w.write(after);
  w.deliver();
  expect(await ada.read()).toEqual(['position@h.2', `${seqOf(after)}@h.3`]);
});

test('a leave between reading the viewer and reading the log is the end of it, for a stream that resumes', async () => {
  const w = logWorld({ ada: [1] });
  w.write(note(1));
  w.deliver();
  const frames = await w.hub.subscribe({ key: 'ada', lastEventId: 'h.0' });
  // The viewer was read as a member; the log is not read yet.
  await new Promise(setImmediate);
  w.write(leave('ada', 1), note(1));
  await w.answer();
  w.write(note(1), join('ada', 9));
  w.deliver();
  const heard: unknown[] = [];
  for (const _ of [1, 2]) heard.push((await frames.next()).value!.data);
  expect(heard).toMatchObject([{ channel: 'resync', reason: 'access-widened' }, { channel: 'members' }]);
});

test('in a batch, what is taken counts before its events and what is given after', async () => {
  const w = logWorld({ ada: [1], bo: [] });
  const [ada, bo] = [await w.open('ada'), await w.open('bo')];
  await ada.read();
  await bo.read();
  const [left, joined] = [leave('ada', 1), join('bo', 1)];
  w.write(note(1), joined, note(1), left, note(1));
  w.deliver();
  const after = note(1);
  w.write(after);
  w.deliver();
  // Both hear what is addressed to themselves.
  expect(await ada.read()).toEqual([`${seqOf(left)}@h.5`]);
  expect(await bo.read()).toEqual([
    `${seqOf(joined)}@h.0`,
    'resync access-widened@h.5',
    `${seqOf(after)}@h.6`,
  ]);
});

test.each([
  ['given and taken', [], () => [join('ada', 1), leave('ada', 1)], []],
  ['taken and given', [1], () => [leave('ada', 1), join('ada', 1)], [1]],
])('what one batch has %s ends as it was left', async (_, teams, batch, left) => {
  const w = logWorld({ ada: teams });
  const ada = await w.open('ada');
  await ada.read();
  w.write(...batch());
  w.deliver();
  expect(w.hub.streams()).toMatchObject([{ topics: ['person:ada', ...left.map((team) => `team:${team}`)] }]);
});

test('what was withdrawn is not read later either', async () => {
  const w = logWorld({ ada: [1, 2] });
  const ada = await w.open('ada');
  await ada.read();
  const [handed, kept, left] = [note(1), note(2), leave('ada', 1)];
  // Ada waits for the next frame: it is hers before the others are written, and these stay unread.
  w.write(handed);
  w.deliver();
  w.write(note(1), kept, note(1));
  w.deliver();
  w.write(left);
  w.deliver();
  expect(await ada.read()).toEqual([`${seqOf(handed)}@h.1`, `${seqOf(kept)}@h.1`, `${seqOf(left)}@h.5`]);
});

test('every stream is told the head at least every 30 seconds, and none once all are gone', async () => {
  const w = logWorld({ ada: [1] });
  const ada = await w.open('ada');
  await ada.read();
  w.write(note(2));
  w.deliver();
  const [timer] = w.timers.filter(({ ms }) => ms <= 30_000);
  timer!.run();
  expect(await ada.read()).toEqual(['position@h.1']);
  await ada.frames.return?.();
  expect(w.timers.filter(({ ms }) => ms <= 30_000)).toHaveLength(1);
});

test('streams that start over together are given turns, one after another; one alone has no wait', async () => {
  const w = logWorld({});
  const streams = await Promise.all(Array.from({ length: 400 }, () => w.hub.subscribe({ key: 'ada' })));
  await w.answer();
  for (const stream of streams) await stream.next();
  expect(await (await w.open('bo', 'elsewhere')).frames.next()).toEqual({
    done: false,
    value: { id: 'h.0', data: { channel: 'resync', reason: 'unknown-position', now: 0 } },
  });
  w.hub.gap('h.0', 'gap');
  await w.answer();
  const turns: unknown[] = [];
  for (const stream of streams) turns.push((await stream.next()).value!.data);
  // 5 ms each, after the first one's; a wait that is hardly noticed is left out.
  expect(turns).toEqual(
    streams.map((_, at) => ({
      channel: 'resync',
      reason: 'gap',
      ...(at >= 48 && { spread: 10 + 5 * at }),
    })),
  );
});
