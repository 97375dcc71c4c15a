// @vitest-environment happy-dom
import { MutationObserver, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, renderHook } from '@testing-library/react';
import type { PointerEvent, ReactNode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';

import { useHeldList } from './use-held-list.ts';

interface Row {
  id: number;
  name: string;
}
const keyOf = ({ id }: Row) => id;
const one = { id: 1, name: 'one' };
const two = { id: 2, name: 'two' };
const mouse = { pointerType: 'mouse' } as PointerEvent;
const client = new QueryClient();
const wrapper = ({ children }: { children: ReactNode }) => (
  <QueryClientProvider client={client}>{children}</QueryClientProvider>
);
/** Something that this page has the server do; it is done when the answer is given. */
function beginAct() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = new MutationObserver(client, { mutationFn: () => promise }).mutate();
  return async () => {
    resolve();
    await done;
  };
}

afterEach(() => {
  cleanup();
  client.clear();
  vi.useRealTimers();
});

function held(first: Row[]) {
  return renderHook(({ rows, scope }) => useHeldList(rows, { keyOf, scope }), {
    initialProps: { rows: first, scope: 'mine' },
    wrapper,
  });
}

test('what changes under the pointer waits until it leaves', () => {
  const { result, rerender } = held([one]);
  act(() => result.current.holdProps.onPointerEnter(mouse));
  rerender({ rows: [two, one], scope: 'mine' });
  expect(result.current).toMatchObject({ rows: [one], waiting: 1 });
  act(() => result.current.holdProps.onPointerLeave());
  expect(result.current).toMatchObject({ rows: [two, one], waiting: 0 });
});

test('the button shows what waits, and what comes after waits again', () => {
  const { result, rerender } = held([one]);
  act(() => result.current.holdProps.onPointerEnter(mouse));
  rerender({ rows: [two, one], scope: 'mine' });
  act(() => result.current.release());
  expect(result.current).toMatchObject({ rows: [two, one], waiting: 0 });
  rerender({ rows: [one], scope: 'mine' });
  expect(result.current).toMatchObject({ rows: [two, one], waiting: 1 });
});

test('one’s own act shows at once under the pointer, whether its event or its answer comes first', async () => {
  vi.useFakeTimers();
  const { result, rerender } = held([one, two]);
  act(() => result.current.holdProps.onPointerEnter(mouse));
  for (const eventIsFirst of [true, false]) {
    await act(async () => {
      const finish = beginAct();
      await vi.advanceTimersByTimeAsync(0);
      if (!eventIsFirst) await finish();
      rerender({ rows: [one], scope: 'mine' });
      if (eventIsFirst) await finish();
      await vi.advanceTimersByTimeAsync(0);
    });
    expect(result.current).toMatchObject({ rows: [one], waiting: 0 });
    // What others do waits again.
    await act(() => vi.advanceTimersByTimeAsync(3000));
    rerender({ rows: [one, two], scope: 'mine' });
    expect(result.current).toMatchObject({ rows: [one], waiting: 1 });
    act(() => result.current.release());
  }
});

test('a list that became empty under the pointer holds nothing back', () => {
  const { result, rerender } = held([one]);
  act(() => result.current.holdProps.onPointerEnter(mouse));
  rerender({ rows: [], scope: 'mine' });
  expect(result.current).toMatchObject({ rows: [one], waiting: 1 });
  act(() => result.current.release());
  rerender({ rows: [two], scope: 'mine' });
  expect(result.current).toMatchObject({ rows: [two], waiting: 0 });
});

test('another list altogether is shown at once and does not flash', () => {
  const { result, rerender } = held([one]);
  act(() => result.current.holdProps.onPointerEnter(mouse));
  rerender({ rows: [two], scope: 'all' });
  expect(result.current).toMatchObject({ rows: [two], waiting: 0 });
  expect(result.current.isFlashing(2)).toBe(false);
  rerender({ rows: [one, two], scope: 'all' });
  expect(result.current).toMatchObject({ rows: [two], waiting: 1 });
});

test('a list made anew at every render does not render for ever', () => {
  const { result, rerender } = renderHook(() => useHeldList([one].slice(), { keyOf }), { wrapper });
  act(() => result.current.holdProps.onPointerEnter(mouse));
  rerender();
  expect(result.current).toMatchObject({ rows: [one], waiting: 0 });
});

test('a row that came or changed flashes for a moment; a first load does not', () => {
  vi.useFakeTimers();
  const { result, rerender } = held([]);
  rerender({ rows: [one], scope: 'mine' });
  expect(result.current.isFlashing(1)).toBe(false);
  rerender({ rows: [{ ...one, name: 'uno' }, two], scope: 'mine' });
  expect([result.current.isFlashing(1), result.current.isFlashing(2)]).toEqual([true, true]);
  act(() => void vi.runAllTimers());
  expect([result.current.isFlashing(1), result.current.isFlashing(2)]).toEqual([false, false]);
});
