// @vitest-environment happy-dom
import { fakeStream } from '@processflow/events/testing';
import { fireEvent, render, screen } from '@testing-library/react';
import { createTRPCClient } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { expect, test } from 'vitest';

import { createApp } from './app.tsx';
import type { AppEvent, AppRouter } from './server.ts';

/** The page over a server that is two functions and a stream that the test speaks for. */
function setUp() {
  const names: string[] = [];
  const stream = fakeStream<AppEvent>();
  const client = createTRPCClient<AppRouter>({
    links: [
      () =>
        ({ op }) =>
          observable((observer) => {
            if (op.path === 'add') names.push(op.input as string);
            const items = names.map((name, index) => ({ id: index + 1, list: 'shopping', name }));
            observer.next({ result: { type: 'data', data: op.path === 'items' ? items : undefined } });
            observer.complete();
          }),
    ],
  });
  render(createApp(client, stream));
  return { names, stream };
}

const inserted = { channel: 'item_changes', operation: 'INSERT', list: 'shopping' } as const;

test('shows what somebody else has added as soon as the event comes', async () => {
  const { names, stream } = setUp();
  names.push('Milk');
  expect(screen.queryByText('Milk')).toBeNull();
  stream.emit({ ...inserted, id: 1 });
  expect(await screen.findByText('Milk')).toBeDefined();
});

test('adds what is entered, and empties the field', async () => {
  const { names, stream } = setUp();
  const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'What to buy' });
  fireEvent.change(field, { target: { value: 'Bread' } });
  fireEvent.click(screen.getByRole('button', { name: 'Add' }));
  await expect.poll(() => names).toEqual(['Bread']);
  stream.emit({ ...inserted, id: 1 });
  expect(await screen.findByText('Bread')).toBeDefined();
  await expect.poll(() => field.value).toBe('');
});
