import { expect, test } from 'vitest';

import { explore } from './pump-model-explore.ts';
import { type Protocol, RIGHT } from './pump-model-state.ts';
import { pumpModel, type World } from './pump-model.ts';

/** A writer never has to go on, so every one of them may be the one that never ends. */
const WORLDS: readonly World[] = [
  { writers: 2, large: 0, crashes: 2, stops: 1 },
  { writers: 3, large: 0, crashes: 1, stops: 0 },
  { writers: 1, large: 1, crashes: 1, stops: 1 },
  { writers: 2, large: 1, crashes: 1, stops: 0 },
];
const SMALL: World = { writers: 2, large: 0, crashes: 1, stops: 0 };
const STOPPED: World = { ...SMALL, stops: 1 };

const append: Protocol['writer'] = ['append', 'try'];

test.each([
  ['a transaction id first, then try, then append', RIGHT],
  ['append first, then try', { ...RIGHT, writer: append }],
])('each committed event is emitted exactly once: %s', { timeout: 60_000 }, (_, protocol) => {
  for (const world of WORLDS) {
    const { fault, trace, states } = explore(pumpModel(protocol, world));
    expect({ fault, trace }).toEqual({ fault: undefined, trace: [] });
    expect(states).toBeGreaterThan(10_000);
  }
});

const WRONG: readonly [string, Partial<Protocol>, World?][] = [
  ['sleeping without waiting for writers in progress', { sleep: ['unlock', 'read'] }],
  ['trying the lock before there is a transaction id', { writer: ['try', 'append'] }],
  ['reading, then unlocking, then waiting', { sleep: ['read', 'unlock', 'snapshot', 'wait-until-ended'] }],
  ['waiting and reading, then unlocking', { sleep: ['snapshot', 'poll-until-ended', 'unlock'] }],
  [
    'waiting only for those whom a snapshot names',
    { sleep: ['unlock', 'bare-snapshot', 'poll-until-ended'] },
  ],
  ['not reading once more after the wait', { sleep: ['unlock', 'snapshot', 'read', 'wait-until-ended'] }],
  ['a new pump that does not read first', { takeOver: ['listen', 'snapshot', 'wait-until-ended'] }],
  ['a new pump that does not wait', { takeOver: ['listen', 'read'] }],
  ['a new pump that just sleeps', { takeOver: ['listen'] }],
  [
    'a new pump that listens after its last read',
    { takeOver: ['snapshot', 'poll-until-ended', 'listen'] },
    { writers: 0, large: 1, crashes: 0, stops: 0 },
  ],
  ['a pump that waits for the lock without polling', { wake: ['queue', 'await-lock'] }],
  ['a stopped pump without a lease', { lease: false }, STOPPED],
];

test.each(WRONG)('%s loses an event', (_, change, world = SMALL) => {
  const { fault, trace } = explore(pumpModel({ ...RIGHT, ...change }, world));
  expect(fault).toMatch(/^[AB]'s event is never emitted$/);
  expect(trace.length).toBeGreaterThan(0);
});

test.each<[string, Partial<Protocol>, RegExp]>([
  ['moving the cursor in a second transaction', { cursor: 'in-a-second-transaction' }, /emitted 2 times/],
  ['moving the cursor wherever it is', { cursor: 'in-any-case' }, /emitted 2 times/],
  ['sleeping after a read that another pump outran', { readsAgain: false }, /never emitted/],
])('%s is wrong when a stopped pump goes on beside its successor', (_, change, wrong) => {
  expect(explore(pumpModel({ ...RIGHT, ...change }, STOPPED)).fault).toMatch(wrong);
});

test('says how an event is lost so that it can be followed', () => {
  const { fault, trace } = explore(pumpModel({ ...RIGHT, sleep: ['unlock', 'read'] }, SMALL));
  expect([...trace, fault]).toMatchInlineSnapshot(`
    [
      "pump 1 is elected",
      "pump 1 listens",
      "pump 1 notes who is in progress",
      "writer A takes a transaction id",
      "pump 1 reads",
      "pump 1 emits nothing",
      "pump 1 wakes",
      "pump 1 queues for the lock",
      "writer A finds the doorbell masked",
      "writer A appends",
      "pump 1 goes to sleep",
      "pump 1 lets go of the lock",
      "pump 1 reads",
      "writer A commits and does not ring",
      "A's event is never emitted",
    ]
  `);
});
