import { expect, test } from 'vitest';

import type { Batch, BatchSource, Replay } from '../batch.ts';
import { defineChannels } from '../contract.ts';
import type { AnyChangeEvent, Announcement } from '../event.ts';
import type { Access } from './access.ts';
import { createHub, type HubOptions } from './hub.ts';

const definitions = defineChannels<{
  note: { id: number; team: number };
  member: { id: number; team: number; person: string };
}>()({
  notes: { table: 'note', columns: ['id', 'team'], audience: ['team:{team}'] },
  members: {
    table: 'member',
    columns: ['id', 'team', 'person'],
    audience: ['person:{person}', 'team:{team}'],
  },
});

interface Viewer {
  readonly person: string;
  readonly teams: readonly number[];
}

const access: Access<Viewer, AnyChangeEvent> = {
  channels: new Set(['members']),
  topics: ({ person, teams }) => [`person:${person}`, ...teams.map((team) => `team:${team}`)],
  expiresAt: () => Number.MAX_SAFE_INTEGER,
  narrow: (viewer, event) =>
    event['person'] === viewer.person && event.operation === 'DELETE'
      ? { ...viewer, teams: viewer.teams.filter((team) => team !== event['team']) }
      : viewer,
  widen: (viewer, event) =>
    event['person'] === viewer.person && event.operation === 'INSERT'
      ? { ...viewer, teams: [...new Set([...viewer.teams, event['team'] as number])] }
      : viewer,
  concerns: (viewer, event) => event['person'] === viewer.person,
};

let seq = 0;
const change = (channel: string, operation: AnyChangeEvent['operation'], columns: object): Announcement => ({
  kind: 'change',
  event: { channel, operation, seq: (seq += 1), announced_at: '', id: seq, ...columns },
});
const note = (team: number) => change('notes', 'INSERT', { team });
const join = (person: string, team: number) => change('members', 'INSERT', { person, team });
const leave = (person: string, team: number) => change('members', 'DELETE', { person, team });

type Options = Partial<Pick<HubOptions<string, Viewer, AnyChangeEvent>, 'ringLimit' | 'queueLimit'>>;

/**
 * A log, its readers and a hub: what is written stays unread until somebody asks or `deliver` is called, and reads
 * are answered when the test says so.
 */
function world(teams: Record<string, number[]>, options: Options = {}) {
  const log: Announcement[] = [];
  const asks: { asked: string | undefined; tell: (replay: Replay) => void }[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  let head = 0;
  let oldest = 0;
  const logReads: string[] = [];
  const position = (at: number): string => `h.${at}`;
  const hub = createHub<string, Viewer, AnyChangeEvent>({
    definitions,
    access,
    load: (people) => Promise.resolve(people.map((person) => ({ person, teams: teams[person] ?? [] }))),
    onError: (error) => expect.unreachable(String(error)),
    now: () => 0,
    schedule: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
    ...options,
  });
  const source: BatchSource = { read: (asked, tell) => void asks.push({ asked, tell }) };
  hub.attach(source, position(0));

  function deliver(): void {
    if (head === log.length) return;
    const batch: Batch = { from: position(head), to: position(log.length), announcements: log.slice(head) };
    head = log.length;
    hub.take(batch);
  }

  /** One read for all who have asked. */
  async function answer(): Promise<void> {
    await new Promise(setImmediate);
    deliver();
    for (const { asked, tell } of asks.splice(0)) {
      if (asked !== undefined) logReads.push(asked);
      const at = Number(asked?.slice(2));
      if (asked === undefined) tell({ kind: 'events', to: position(head), announcements: [] });
      else if (!asked.startsWith('h.') || at < oldest || at > log.length)
        tell({ kind: 'lost', to: position(head), reason: 'unknown-position' });
      else tell({ kind: 'events', to: position(head), announcements: log.slice(at, head) });
    }
    await new Promise(setImmediate);
  }

  return {
    hub,
    teams,
    timers,
    /** The positions from which the log had to be read. */
    logReads,
    write: (...announcements: Announcement[]) => void log.push(...announcements),
    deliver,
    forget: () => void (oldest = log.length),
    answer,
    async open(person: string, lastEventId?: string) {
      const frames = await hub.subscribe({ key: person, lastEventId });
      await answer();
      // A read that found nothing goes on waiting.
      let pending: ReturnType<typeof frames.next> | undefined;
      return {
        frames,
        /** Everything there is to read now, as `channel@id`, changes by their `seq`. */
        async read(): Promise<string[]> {
          const heard: string[] = [];
          for (;;) {
            pending ??= frames.next();
            const next = await Promise.race([pending, nothingElse()]);
            if (next === 'none' || next.done === true) return heard;
            pending = undefined;
            const { id, data } = next.value;
            heard.push(
              `${'seq' in data ? String(data.seq) : `${data.channel}${'reason' in data ? ` ${data.reason}` : ''}`}@${id}`,
            );
          }
        },
      };
    },
  };
}

const nothingElse = () => new Promise<'none'>((resolve) => setImmediate(() => resolve('none')));

const seqOf = (announcement: Announcement): number => {
  if (announcement.kind !== 'change') throw new Error('not a change');
  return announcement.event.seq;
};

test('a batch carries the position before it, its last frame the one after', async () => {
  const w = world({ ada: [1] });
  const ada = await w.open('ada');
  const [a, b, c] = [note(1), note(2), note(1)];
  w.write(a, b, c);
  w.deliver();
  expect(await ada.read()).toEqual(['position@h.0', `${seqOf(a)}@h.0`, `${seqOf(c)}@h.3`]);
});

test('a stream that comes back soon hears what it missed from the ring, and the log is not read for it', async () => {
  const w = world({ ada: [1] });
  const missed = [note(1), note(2), note(1)];
  w.write(...missed);
  await w.open('bo');
  const ada = await w.open('ada', 'h.0');
  expect(await ada.read()).toEqual(['position@h.0', `${seqOf(missed[0]!)}@h.0`, `${seqOf(missed[2]!)}@h.3`]);
  expect(w.logReads).toEqual([]);
  expect(w.hub.metrics).toMatchObject({ resumed: 1, resumedFromRing: 1, resumedInVain: 0 });
});

test('beyond the ring the log is read, and what comes after follows without hole or double', async () => {
  const w = world({ ada: [1] }, { ringLimit: 0 });
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
  const w = world({ ada: [1] });
  w.write(note(2));
  w.deliver();
  const ada = await w.open('ada', 'h.0');
  expect(await ada.read()).toEqual(['position@h.1']);
});

test('a position that the log does not know starts over, at the head', async () => {
  const w = world({ ada: [1] }, { ringLimit: 0 });
  w.write(note(1), note(1));
  w.forget();
  const [other, old] = [await w.open('ada', 'elsewhere'), await w.open('ada', 'h.0')];
  expect(await other.read()).toEqual(['resync unknown-position@h.2']);
  expect(await old.read()).toEqual(['resync unknown-position@h.2']);
  expect(w.hub.metrics).toMatchObject({ resumed: 0, resumedInVain: 2 });
});

test('more than a stream may leave unread is not replayed', async () => {
  const w = world({ ada: [1] }, { queueLimit: 3 });
  w.write(note(1), note(1), note(1));
  w.deliver();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual(['resync too-far-behind@h.3']);
});

test.each([
  ['joined', [1], () => [note(1), join('ada', 1), note(1)]],
  ['left', [], () => [note(1), leave('ada', 1), note(1)]],
  ['left and joined again', [1], () => [leave('ada', 1), note(1), join('ada', 1)]],
])('who %s meanwhile hears nothing of it and starts over', async (_, teams, missed) => {
  const w = world({ ada: teams });
  w.write(...missed());
  w.deliver();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual(['resync access-widened@h.3']);
});

test('what others were given or lost meanwhile is heard like anything else', async () => {
  const w = world({ ada: [1] });
  const joined = join('bo', 1);
  w.write(joined);
  w.deliver();
  expect(await (await w.open('ada', 'h.0')).read()).toEqual(['position@h.0', `${seqOf(joined)}@h.1`]);
});

test('nothing from before a join reaches whoever opens after it, though the hub has not heard it yet', async () => {
  const w = world({ ada: [1] });
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
  const w = world({ ada: [1] });
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
  const w = world({ ada: [1], bo: [] });
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
  const w = world({ ada: teams });
  const ada = await w.open('ada');
  await ada.read();
  w.write(...batch());
  w.deliver();
  expect(w.hub.streams()).toMatchObject([{ topics: ['person:ada', ...left.map((team) => `team:${team}`)] }]);
});

test('what was withdrawn is not read later either', async () => {
  const w = world({ ada: [1, 2] });
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
  const w = world({ ada: [1] });
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
  const w = world({});
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
