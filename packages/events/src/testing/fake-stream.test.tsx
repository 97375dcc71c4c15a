// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { act, render, screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';

import { type ChangeEvents, defineChannels } from '../index.ts';
import { createInvalidator, createLiveStore, createRealtime, keys, type Resync } from '../react/index.ts';
import { fakeStream, type FakeStreamOptions } from '../testing.ts';

interface Database {
  note: { id: number; board: number; body: string };
  board: { id: number; name: string };
}
const channels = defineChannels<Database>()({
  note_changes: { table: 'note', columns: ['id', 'board', 'body'], audience: ['board:{board}'] },
  board_changes: { table: 'board', columns: ['id', 'name'], audience: ['board:{id}'] },
});
type AppEvent = ChangeEvents<Database, typeof channels>;

const note = { channel: 'note_changes', operation: 'INSERT', id: 1, board: 1, body: 'milk' } as const;

/** The real store on a fake stream, and what its one listener was told. */
function listening(options: FakeStreamOptions = {}) {
  const stream = fakeStream<AppEvent>(options);
  const store = createLiveStore<AppEvent>({ source: stream, backoff: { min: 0, max: 0 }, lingerMs: 0 });
  const heard: AppEvent[] = [];
  const resyncs: Resync[] = [];
  const ends: string[] = [];
  const remove = store.addListener({
    onEvent: (event) => void heard.push(event),
    onResync: (resync) => void resyncs.push(resync),
    onEnd: (reason) => void ends.push(reason),
  });
  return {
    stream,
    store,
    heard,
    resyncs,
    ends,
    remove,
    numbers: () => heard.map(({ seq }) => seq),
    state: () => store.getStatus().state,
  };
}

test('greets like the hub, fills in what a test need not say, and is left when nobody listens', async () => {
  const { stream, heard, resyncs, state, remove } = listening({ now: () => 1000 });
  await waitFor(() => expect(state()).toBe('live'));
  stream.emit(note);
  stream.emit({ ...note, seq: 40, announced_at: 'then' });
  expect(heard).toEqual([
    { ...note, seq: 1, announced_at: '1970-01-01T00:00:01.000Z' },
    { ...note, seq: 40, announced_at: 'then' },
  ]);
  expect(resyncs).toEqual([{ reason: 'opened' }]);
  expect(stream.connections).toBe(1);
  remove();
  await waitFor(() => expect(stream.connections).toBe(0));
  // Nobody is there any more, as happens.
  stream.emit(note);
  expect(heard).toHaveLength(2);
});

test('says when nothing has ever opened it', () => {
  const stream = fakeStream<AppEvent>();
  for (const send of [() => stream.emit(note), () => stream.resync(), () => stream.revoke()]) {
    expect(send).toThrow(expect.objectContaining({ code: 'nobody-listens' }));
  }
});

test('a dropped connection comes back after restore, with its position; what was sent meanwhile follows', async () => {
  const { stream, numbers, resyncs, state } = listening();
  stream.emit(note);
  stream.drop();
  expect(stream.connections).toBe(0);
  stream.emit(note);
  stream.emit(note);
  await waitFor(() => expect(state()).toBe('offline'));
  stream.restore();
  await waitFor(() => expect(state()).toBe('live'));
  expect(stream.openings.at(0)).toEqual({});
  expect(stream.openings.at(-1)).toEqual({ lastEventId: 'fake-1' });
  stream.emit(note);
  expect(numbers()).toEqual([1, 2, 3, 4]);
  expect(resyncs).toEqual([{ reason: 'opened' }]);
});

test('what is forgotten meanwhile does not follow: a resync says so', async () => {
  const { stream, numbers, resyncs, state } = listening();
  stream.emit(note);
  stream.drop();
  stream.emit(note);
  stream.forget();
  stream.restore();
  await waitFor(() => expect(state()).toBe('live'));
  expect(resyncs.at(-1)).toEqual({ reason: 'unknown-position' });
  stream.emit(note);
  stream.drop();
  stream.emit(note);
  stream.restore();
  await waitFor(() => expect(numbers()).toEqual([1, 3, 4]));
  // Nothing was sent between, and yet it is another history.
  stream.drop();
  stream.forget();
  stream.restore();
  await waitFor(() => expect(resyncs).toHaveLength(3));
});

test('what is held comes in order once released, or with the next connection', async () => {
  const { stream, numbers, resyncs } = listening();
  stream.hold();
  stream.emit(note);
  stream.resync('gap', ['note_changes']);
  stream.emit(note);
  expect(numbers()).toEqual([]);
  stream.release();
  expect(numbers()).toEqual([1, 2]);
  expect(resyncs.at(-1)).toEqual({ reason: 'gap', channels: ['note_changes'] });
  stream.hold();
  stream.emit(note);
  stream.drop();
  stream.restore();
  stream.release();
  await waitFor(() => expect(numbers()).toEqual([1, 2, 3]));
  expect(resyncs).toHaveLength(2);
});

test('what is delayed comes by the given clock, and nothing overtakes it', () => {
  let due: (() => void)[] = [];
  const schedule = vi.fn<(callback: () => void, ms: number) => () => void>((callback) => {
    due.push(callback);
    return () => undefined;
  });
  const { stream, numbers } = listening({ schedule });
  stream.delay(400);
  stream.emit(note);
  stream.delay(0);
  stream.emit(note);
  expect(schedule).toHaveBeenCalledExactlyOnceWith(expect.any(Function), 400);
  expect(numbers()).toEqual([]);
  for (const callback of due.splice(0)) callback();
  expect(numbers()).toEqual([1, 2]);
  // Held back while it was on its way: it waits for both.
  stream.delay(400);
  stream.emit(note);
  stream.hold();
  for (const callback of due.splice(0)) callback();
  expect(numbers()).toEqual([1, 2]);
  stream.release();
  expect(numbers()).toEqual([1, 2, 3]);
  expect(due).toEqual([]);
});

describe('revoked', () => {
  test('the store is signed out and does not come back', () => {
    const { stream, ends, state } = listening();
    stream.revoke();
    expect(state()).toBe('signed out');
    expect(ends).toHaveLength(1);
    expect(stream.connections).toBe(0);
    expect(stream.openings).toHaveLength(1);
  });

  test('with FORBIDDEN the store says why', () => {
    const { stream, store } = listening();
    stream.revoke('FORBIDDEN', 'You have left this team');
    expect(store.getStatus()).toMatchObject({
      state: 'offline',
      reason: expect.stringContaining('You have left this team'),
    });
  });
});

test('the first frame carries the contract and the clock that were given', () => {
  const stream = fakeStream<AppEvent>({ contract: { note_changes: 'v2' }, now: () => 5 });
  const onData = vi.fn<(frame: unknown) => void>();
  stream.open({}, { onData, onError() {}, onComplete() {}, onConnectionStateChange() {} });
  stream.open({ lastEventId: 'x' }, { onData, onError() {}, onComplete() {}, onConnectionStateChange() {} });
  const greeting = { contract: { note_changes: 'v2' }, now: 5 };
  expect(onData.mock.calls).toEqual([
    [{ id: 'fake-0', data: { channel: 'position', ...greeting } }],
    [{ id: 'fake-0', data: { channel: 'resync', reason: 'unknown-position', ...greeting } }],
  ]);
});

test('a page that is older than the server is told by the store', () => {
  const stream = fakeStream<AppEvent>({ contract: { note_changes: 'new', board_changes: 'same' } });
  const contract = { note_changes: 'old', board_changes: 'same' };
  const store = createLiveStore<AppEvent>({ source: stream, contract });
  store.addListener({ onEvent: () => undefined });
  expect(store.getStatus().outdated).toEqual(['note_changes']);
});

test('a component test: the real store, the real invalidator, the hook and the light', async () => {
  const { LiveProvider, useRealtimeSubscription, useLiveStatus } = createRealtime<AppEvent>();
  const stream = fakeStream<AppEvent>();
  const store = createLiveStore<AppEvent>({ source: stream, backoff: { min: 0, max: 0 }, lingerMs: 0 });
  const queryClient = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  const invalidator = createInvalidator<AppEvent>(queryClient, {
    rules: { note_changes: { all: keys(['notes']) }, board_changes: { all: [] } },
  });
  let notes = ['bread'];

  function Notes() {
    const { data = [] } = useQuery({ queryKey: ['notes'], queryFn: () => Promise.resolve(notes) });
    const [last, setLast] = useState('');
    useRealtimeSubscription({ channels: ['note_changes'], onEvent: ({ body }) => setLast(body) });
    return <p>{`${data.join()}; last: ${last}; ${useLiveStatus().state}`}</p>;
  }
  render(
    <QueryClientProvider client={queryClient}>
      <LiveProvider store={store} invalidator={invalidator}>
        <Notes />
      </LiveProvider>
    </QueryClientProvider>,
  );
  await screen.findByText('bread; last: ; live');
  notes = ['bread', 'milk'];
  act(() => stream.emit(note));
  await screen.findByText('bread,milk; last: milk; live');
  act(() => stream.drop());
  await screen.findByText('bread,milk; last: milk; offline');
  notes = ['bread', 'milk', 'eggs'];
  // Missed, and told on coming back.
  act(() => stream.emit({ ...note, id: 2, body: 'eggs' }));
  act(() => stream.restore());
  await screen.findByText('bread,milk,eggs; last: eggs; live');
  act(() => stream.revoke());
  expect(screen.getByText('bread,milk,eggs; last: eggs; signed out')).toBeDefined();
  invalidator.dispose();
});

test('what is emitted is typed by its channel and operation', () => {
  const { stream, heard } = listening();
  stream.emit({ ...note, operation: 'UPDATE', changed: ['body'] });
  const wrong = (): void => {
    // @ts-expect-error -- there is no such channel
    stream.emit({ ...note, channel: 'note_chnages' });
    // @ts-expect-error -- the channel does not carry it
    stream.emit({ ...note, colour: 'red' });
    // @ts-expect-error -- an UPDATE says what changed
    stream.emit({ ...note, operation: 'UPDATE' });
    // @ts-expect-error -- there is no such channel
    stream.resync('gap', ['nobody']);
  };
  expect(wrong).toBeTypeOf('function');
  expectTypeOf(heard).toEqualTypeOf<AppEvent[]>();
  expect(heard).toHaveLength(1);
});
