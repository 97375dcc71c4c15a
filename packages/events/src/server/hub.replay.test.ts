import { expect, test } from 'vitest';

import { leave, logWorld, note, secret, seqOf } from './testing-log.ts';

test('what is internal is not replayed, neither an event nor that its table was emptied', async () => {
  const w = logWorld({ ada: [1] });
  const told = note(1);
  w.write(secret(1), told, { kind: 'resync', channel: 'secrets' }, secret(1));
  w.deliver();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual(['position@h.0', `${seqOf(told)}@h.4`]);
});

test('that a table was emptied is replayed in its place', async () => {
  const w = logWorld({ ada: [1] });
  const [before, after] = [note(1), note(1)];
  w.write(before, { kind: 'resync', channel: 'notes' }, after);
  w.deliver();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual([
    'position@h.0',
    `${seqOf(before)}@h.0`,
    'resync truncated-table@h.0',
    `${seqOf(after)}@h.3`,
  ]);
  expect(w.hub.metrics).toMatchObject({ resumed: 1, resyncs: 1 });
});

test('who missed that a table of memberships was emptied starts over', async () => {
  const w = logWorld({ ada: [1] });
  w.write(note(1), { kind: 'resync', channel: 'members' }, note(1));
  w.deliver();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual(['resync truncated-table@h.3']);
});

test('a position from before a gap is the log’s to judge, not the ring’s', async () => {
  const w = logWorld({ ada: [1] });
  w.write(note(1));
  w.deliver();
  w.hub.gap('h.1', 'gap');
  w.forget();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual(['resync unknown-position@h.1']);
  expect(w.logReads).toEqual(['h.0']);
});

test('a viewer read before another gap is not taken for the one that is read after it', async () => {
  const w = logWorld({ ada: [1] }, { answersAll: true });
  const ada = await w.open('ada');
  await ada.read();
  w.hub.gap('h.0', 'gap');
  // Read as a member; what the log has besides is asked for.
  await new Promise(setImmediate);
  w.teams['ada'] = [];
  w.hub.gap('h.0', 'gap');
  await w.answer(1);
  w.write(note(1));
  w.deliver();
  await w.answer();
  expect(await ada.read()).toEqual(['resync gap@h.1']);
});

/** Four streams that have missed 3,000 events, and a fifth that has to wait for its turn. */
async function crowd(options: { ringLimit?: number } = {}) {
  const w = logWorld({ ada: [1] }, { queueLimit: 10_000, ...options });
  const missed = Array.from({ length: 3_000 }, () => note(1));
  w.write(...missed);
  w.deliver();
  const opened = await Promise.all(Array.from({ length: 5 }, () => w.open('ada', 'h.0')));
  const last = opened.pop()!;
  for (const stream of opened) expect(await stream.read()).toHaveLength(3_001);
  expect(await last.read()).toEqual([]);
  return { ...w, last, missed: missed.map((one) => String(seqOf(one))) };
}

const seqs = (read: readonly string[]) => read.slice(1).map((frame) => frame.split('@')[0]);

test.each([
  ['all that it missed is in the ring', { ringLimit: 5_000, batches: 3, logReads: 0 }],
  ['only what came meanwhile is', { ringLimit: 10, batches: 3, logReads: 5 }],
  ['not even that is', { ringLimit: 10, batches: 11, logReads: 6 }],
])('many who resume take turns, and hear also what came before theirs: %s', async (_, given) => {
  const { last, missed, ...w } = await crowd({ ringLimit: given.ringLimit });
  const others = Array.from({ length: given.batches }, () => note(1));
  for (const one of others) {
    w.write(one);
    w.deliver();
  }
  w.nextTurn();
  await w.answer();
  const after = note(1);
  w.write(after);
  w.deliver();
  const heard = await last.read();
  expect(heard[0]).toBe('position@h.0');
  expect(heard.at(-2)).toBe(`${seqOf(others.at(-1)!)}@h.${3_000 + given.batches}`);
  expect(seqs(heard)).toEqual([...missed, ...[...others, after].map((one) => String(seqOf(one)))]);
  expect(w.logReads).toHaveLength(given.logReads);
});

test('a leave while a stream waits for its turn is the end of what it would have heard', async () => {
  const { last, ...w } = await crowd();
  w.write(leave('ada', 1), note(1));
  w.deliver();
  w.nextTurn();
  expect(await last.read()).toEqual(['resync access-widened@h.3002']);
});

test('a gap while a stream waits for its turn makes it start over, once', async () => {
  const { last, ...w } = await crowd();
  w.hub.gap('h.3000', 'gap');
  w.teams['ada'] = [];
  w.forget();
  w.nextTurn();
  await w.answer();
  await w.answer();
  w.write(note(1));
  w.deliver();
  expect(await last.read()).toEqual(['resync unknown-position@h.3000']);
});

test('a stream that is closed while it waits for its turn leaves nothing behind', async () => {
  const { last, ...w } = await crowd();
  await last.frames.return?.();
  w.nextTurn();
  expect(w.hub.subscriberCount).toBe(4);
  expect(w.hub.metrics.resumed).toBe(4);
});
