// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { MantineProvider } from '@mantine/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ShortcutsProvider } from './shortcuts.tsx';
import { useListKeys } from './use-list-keys.ts';

const onOpen = vi.fn<(id: number) => void>();
beforeEach(() => onOpen.mockClear());
afterEach(cleanup);

function List({ ids }: { ids: number[] }) {
  const { itemProps, listProps } = useListKeys({ ids, openId: null, onOpen, noun: 'task' });
  return (
    <div {...listProps}>
      {ids.map((id) => (
        <button key={id} type="button" {...itemProps(id)}>
          Task {id}
        </button>
      ))}
    </div>
  );
}

function page(ids: number[]) {
  return (
    <MantineProvider env="test">
      <ShortcutsProvider>
        <List ids={ids} />
      </ShortcutsProvider>
    </MantineProvider>
  );
}

const focused = () => document.activeElement?.textContent;
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

test('one row is in the tab order, arrows and j/k move, Enter opens', () => {
  render(page([1, 2, 3]));
  expect(screen.getAllByRole('button').map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
  press('j');
  expect(focused()).toBe('Task 1');
  press('ArrowDown');
  press('j');
  press('j');
  expect(focused()).toBe('Task 3');
  press('k');
  expect(focused()).toBe('Task 2');
  press('Enter');
  expect(onOpen).toHaveBeenCalledExactlyOnceWith(2);
});

test('when the focused row goes, the row that took its place has the focus', () => {
  const { rerender } = render(page([1, 2, 3]));
  press('j');
  press('j');
  rerender(page([1, 3]));
  expect(focused()).toBe('Task 3');
  rerender(page([1]));
  expect(focused()).toBe('Task 1');
});
