// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import type { Field } from '@processflow/engine';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';

import { ShortcutsProvider } from '../../ui/shortcuts.tsx';
import { initialDraft, type ReadDraft } from './form-draft.ts';
import type { Task } from './task-detail.tsx';
import { TaskForm } from './task-form.tsx';

const field = (name: string, type: Field['type'], part: Partial<Field> = {}): Field => ({
  name,
  label: name,
  type,
  required: true,
  ...part,
});

const task: Task = {
  id: 1,
  name: 'Approve',
  elementId: 'approve',
  decision: false,
  automatic: false,
  instance: {
    id: 1,
    modelName: 'Invoice',
    modelVersion: 1,
    status: 'Running',
    startedBy: null,
    startedAt: '2026-11-24T08:00:00.000Z',
  },
  role: null,
  claimedBy: null,
  claimedAt: null,
  startedAt: '2026-01-01T10:00:00Z',
  mayAct: true,
  status: 'Active',
  documentation: null,
  fields: [],
  choice: null,
  variables: {},
  completedBy: null,
  completedAt: null,
  xml: '',
};

const choice: Task['choice'] = {
  mode: 'one',
  required: true,
  flows: [
    { id: 'f1', name: 'approve', targetName: 'Pay', source: null },
    { id: 'f2', name: null, targetName: 'Tell the supplier', source: null },
  ],
};

function show(part: Partial<Task>, closed: string | null = null) {
  const onComplete = vi.fn<(read: ReadDraft) => void>();
  const shown = { ...task, ...part };
  function Held() {
    const [form, setForm] = useState(() => initialDraft(shown.fields, shown.variables));
    return (
      <TaskForm
        task={shown}
        form={form}
        kept
        closed={closed}
        pending={false}
        error={null}
        onChange={setForm}
        onComplete={onComplete}
      />
    );
  }
  render(
    <MantineProvider>
      <ShortcutsProvider>
        <Held />
      </ShortcutsProvider>
    </MantineProvider>,
  );
  return onComplete;
}

const complete = () => fireEvent.click(screen.getByRole('button', { name: 'Complete' }));

test('each type has its control, and what it holds arrives by type', () => {
  const fields = [
    field('approved', 'boolean'),
    field('amount', 'number'),
    field('due', 'date'),
    field('note', 'text', { required: false }),
    field('clarified', 'text', { options: ['yes', 'no'] }),
  ];
  const onComplete = show({ fields });
  fireEvent.click(screen.getByRole('switch', { name: 'approved' }));
  fireEvent.change(screen.getByRole('textbox', { name: /amount/ }), { target: { value: '12.5' } });
  fireEvent.change(screen.getByLabelText(/due/), { target: { value: '2026-02-28' } });
  // An option is offered, other texts are allowed.
  fireEvent.change(screen.getByRole('combobox', { name: /clarified/ }), { target: { value: 'perhaps' } });
  complete();
  expect(onComplete).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({
      data: { approved: true, amount: 12.5, due: '2026-02-28', clarified: 'perhaps' },
    }),
  );
});

test('what is missing is said at its field, which gets the focus, and nothing is sent', async () => {
  const onComplete = show({ fields: [field('amount', 'number')] });
  complete();
  expect(screen.getByText('amount is needed')).toBeDefined();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: /amount/ })));
  expect(onComplete).not.toHaveBeenCalled();
});

test('a decision offers its ways by name and needs one of them', () => {
  const onComplete = show({ decision: true, choice });
  complete();
  expect(screen.getByText('Choose how it goes on')).toBeDefined();
  fireEvent.click(screen.getByRole('radio', { name: 'Go on to Tell the supplier' }));
  complete();
  expect(onComplete).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ choice: ['f2'] }));
});

test('ways that may be taken besides are ticked, several or none', () => {
  const onComplete = show({ choice: { ...choice, mode: 'any', required: false } });
  fireEvent.click(screen.getByRole('checkbox', { name: 'approve' }));
  fireEvent.click(screen.getByRole('checkbox', { name: 'Go on to Tell the supplier' }));
  complete();
  expect(onComplete).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ choice: ['f1', 'f2'] }));
});

test('a person can add what the model does not ask for', () => {
  const onComplete = show({});
  fireEvent.click(screen.getByRole('button', { name: 'Add another value' }));
  fireEvent.change(screen.getByLabelText('Name of value 1'), { target: { value: 'rating' } });
  fireEvent.change(screen.getByLabelText('Type of rating'), { target: { value: 'number' } });
  fireEvent.change(screen.getByLabelText('Value of rating'), { target: { value: '4' } });
  complete();
  expect(onComplete).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ data: { rating: 4 } }));
});

test('Ctrl+Enter completes', () => {
  const mine = show({});
  fireEvent.keyDown(document.body, { key: 'Enter', ctrlKey: true });
  expect(mine).toHaveBeenCalledTimes(1);
});

test('what is in other hands says so and cannot be completed', () => {
  const onComplete = show({ fields: [field('amount', 'number')] }, 'Someone else is at it.');
  expect(screen.getByText('Someone else is at it.')).toBeDefined();
  expect(screen.getByRole('textbox', { name: /amount/ }).hasAttribute('readonly')).toBe(true);
  fireEvent.keyDown(document.body, { key: 'Enter', ctrlKey: true });
  complete();
  expect(onComplete).not.toHaveBeenCalled();
});

test('what the model meant for a machine is explained', () => {
  show({ automatic: true });
  expect(screen.getByText('Automatic in the model')).toBeDefined();
});
