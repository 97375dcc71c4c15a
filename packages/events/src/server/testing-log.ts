import type { Batch, BatchSource, Replay } from '../batch.ts';
import { defineChannels } from '../contract.ts';
import type { AnyChangeEvent, Announcement } from '../event.ts';
import type { Access } from './access.ts';
import { createHub, type HubOptions } from './hub.ts';

const definitions = defineChannels<{
  note: { id: number; team: number };
  secret: { id: number; team: number };
  member: { id: number; team: number; person: string };
}>()({
  notes: { table: 'note', columns: ['id', 'team'], audience: ['team:{team}'] },
  secrets: { table: 'secret', columns: ['id', 'team'], audience: ['team:{team}'], internal: true },
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
export const note = (team: number) => change('notes', 'INSERT', { team });
export const secret = (team: number) => change('secrets', 'INSERT', { team });
export const join = (person: string, team: number) => change('members', 'INSERT', { person, team });
export const leave = (person: string, team: number) => change('members', 'DELETE', { person, team });

type Options = Partial<Pick<HubOptions<string, Viewer, AnyChangeEvent>, 'ringLimit' | 'queueLimit'>> & {
  /** A source that answers also what was taken back. */
  readonly answersAll?: boolean;
};

/**
 * A log, its readers and a hub: what is written stays unread until somebody asks or `deliver` is called, and reads
 * are answered when the test says so.
 */
export function logWorld(teams: Record<string, number[]>, { answersAll = false, ...options }: Options = {}) {
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
    onError(error) {
      throw error;
    },
    now: () => 0,
    schedule: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
    ...options,
  });
  const source: BatchSource = {
    read(asked, tell) {
      const ask = { asked, tell };
      asks.push(ask);
      if (answersAll) return undefined;
      return () => void (asks.includes(ask) && asks.splice(asks.indexOf(ask), 1));
    },
  };
  hub.attach(source, position(0));

  function deliver(): void {
    if (head === log.length) return;
    const batch: Batch = { from: position(head), to: position(log.length), announcements: log.slice(head) };
    head = log.length;
    hub.take(batch);
  }

  /** One read for all who have asked, or for the first of them. */
  async function answer(most = Infinity): Promise<void> {
    await new Promise(setImmediate);
    deliver();
    for (const { asked, tell } of asks.splice(0, most)) {
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
    /** Runs what was put off to the next turn of the event loop. */
    nextTurn: () => timers.splice(0).forEach((timer) => (timer.ms === 0 ? timer.run() : timers.push(timer))),
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

/** As `read` tells of it. */
export const seqOf = (announcement: Announcement): number => {
  if (announcement.kind !== 'change') throw new Error('not a change');
  return announcement.event.seq;
};
