import type { StreamEvent } from '../event.ts';
import type { Frame, LiveHandlers, LiveSource } from '../live/source.ts';

/** A row's change: the row's events are in the order of their numbers, since it was locked. */
export interface RowEvent {
  readonly channel: 'row_changes';
  /** The event's own identity, which no wrong server can spoil. */
  readonly was: number;
  readonly seq: number;
  readonly row: number;
}

interface Written {
  readonly event: RowEvent;
  readonly mine: boolean;
  /** Which batch brings it; none before the batch is read. */
  batch?: number;
}

export interface WireOptions {
  /** Does the last event that the subscriber hears of a batch say where it ends, or only the batch's very last? */
  readonly lastHeardCloses: boolean;
  /** Is a batch that brings the subscriber nothing told as a position? */
  readonly tellsEmpty: boolean;
  /** What a `resync` asks for, in milliseconds. */
  readonly spread: number;
  /** How the wire is spoilt, to show that this is noticed. */
  readonly fault?: 'every event closes its batch' | 'no numbers' | undefined;
}

/** The server's side of the wire, with writers that overlap, and a network that the test has its way with. */
export function createWire(options: WireOptions) {
  const { lastHeardCloses, tellsEmpty, spread, fault } = options;
  const open = new Map<number, Written[]>();
  const committed: Written[] = [];
  let seq = 0;
  let head = 0;
  let pruned = 0;
  let stream: { readonly handlers: LiveHandlers<RowEvent>; readonly coming: Frame<RowEvent>[] } | undefined;
  let reachable = true;
  const openings: (string | undefined)[] = [];

  function frames(events: readonly Written[], from: string): Frame<RowEvent>[] {
    const inOrder = events.toSorted((a, b) => a.event.seq - b.event.seq);
    const mine = inOrder.filter((one) => one.mine);
    const closing = lastHeardCloses ? mine.at(-1) : inOrder.at(-1);
    return mine.map((one) => ({
      id: one === closing || fault === 'every event closes its batch' ? at(head) : from,
      data: fault === 'no numbers' ? ({ ...one.event, seq: undefined } as unknown as RowEvent) : one.event,
    }));
  }

  const source: LiveSource<RowEvent> = {
    open({ lastEventId }, handlers) {
      openings.push(lastEventId);
      const own = { handlers, coming: [] as Frame<RowEvent>[] };
      const first = (id: string, data: StreamEvent<RowEvent>) => own.coming.push({ id, data });
      if (!reachable) {
        handlers.onError(new Error('unreachable'));
        return () => undefined;
      }
      if (lastEventId === undefined) first(at(head), { channel: 'position' });
      else if (Number(lastEventId) < pruned)
        first(at(head), { channel: 'resync', reason: 'unknown-position', spread });
      else {
        first(lastEventId, { channel: 'position' });
        const missed = committed.filter(({ batch }) => batch !== undefined && batch > Number(lastEventId));
        own.coming.push(...frames(missed, lastEventId));
      }
      stream = own;
      return () => {
        if (stream === own) stream = undefined;
      };
    },
  };

  return {
    source,
    openings,
    committed,
    /** A writer's transaction changes a row, unless another has it locked. */
    write(writer: number, row: number, mine: boolean): void {
      const others = [...open].filter(([other]) => other !== writer).flatMap(([, events]) => events);
      if (others.some(({ event }) => event.row === row)) return;
      seq += 1;
      const written = { event: { channel: 'row_changes', was: seq, seq, row } as const, mine };
      open.set(writer, [...(open.get(writer) ?? []), written]);
    },
    end(writer: number, how: 'commit' | 'rollback'): void {
      if (how === 'commit') committed.push(...(open.get(writer) ?? []));
      open.delete(writer);
    },
    /** The hub takes a batch. */
    read(): void {
      const batch = committed.filter((one) => one.batch === undefined);
      const from = at(head);
      head += 1;
      for (const one of batch) one.batch = head;
      const told = frames(batch, from);
      if (told.length === 0 && tellsEmpty) told.push({ id: at(head), data: { channel: 'position' } });
      stream?.coming.push(...told);
    },
    /** The log forgets everything up to here. */
    prune(): void {
      pruned = head;
    },
    /** So many frames arrive. */
    deliver(count: number): void {
      for (let times = 0; times < count; times++) {
        const frame = stream?.coming.shift();
        if (!frame) return;
        stream?.handlers.onData(frame);
      }
    },
    /** The connection is lost, with what was on its way. */
    break(): void {
      stream?.handlers.onConnectionStateChange({ state: 'connecting', error: new Error('broken') });
    },
    reach(possible: boolean): void {
      reachable = possible;
    },
  };
}

const at = (batch: number): string => String(batch);
