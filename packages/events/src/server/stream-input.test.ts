import { expect, test } from 'vitest';

import { streamInput } from './stream-input.ts';

const input = streamInput({
  notes: { table: 'note', columns: ['id'], audience: ['note:{id}'] },
  secrets: { table: 'secret', columns: ['id'], audience: ['secret:{id}'], internal: true },
});

test('a position is taken up to a length that no client need exceed', () => {
  expect(input.safeParse({ lastEventId: 'x'.repeat(2_048) }).success).toBe(true);
  expect(input.safeParse({ lastEventId: 'x'.repeat(2_049) }).success).toBe(false);
  expect(input.safeParse({ lastEventId: null }).success).toBe(true);
});

test('an internal channel is refused like one that is not there, and not named', () => {
  for (const channel of ['secrets', 'nonsense']) {
    const { error } = input.safeParse({ channels: [channel] });
    expect(error?.issues.map(({ message }) => message)).toEqual([
      `Channel "${channel}" is not defined. Defined: notes.`,
    ]);
  }
});
