import { expect, test } from 'vitest';

import { type ChannelDefinition, defineChannels, topicOf } from './contract.ts';

const role = { table: 'role', columns: ['id', 'team_id'], audience: ['team:{team_id}'] };
/** As JavaScript would call it, without the compiler. */
const define = (definitions: Record<string, ChannelDefinition>) =>
  defineChannels<unknown>()(definitions as never);

test.each<[string, Record<string, ChannelDefinition>, RegExp]>([
  [
    'two columns in a topic',
    { a: { ...role, audience: ['team:{team_id}/m:{nope}'] } },
    /more than one column/,
  ],
  [
    'a column twice in a topic',
    { a: { ...role, audience: ['a{id}b{id}c'] } },
    /"a\{id\}b\{id\}c".*more than one/,
  ],
  ['no columns', { a: { ...role, columns: [] } }, /empty "columns"/],
  ['no audience', { a: { ...role, audience: [] } }, /empty "audience".*internal: true/],
  ['no key', { a: { ...role, key: [] } }, /empty "key".*leave it out/],
  ['nothing watched', { a: { ...role, watch: [] } }, /empty "watch".*leave it out/],
  ['a column twice', { a: { ...role, columns: ['id', 'team_id', 'id'] } }, /"id" twice in its "columns"/],
  ['a topic twice', { a: { ...role, audience: ['x:{id}', 'x:{id}'] } }, /"x:\{id\}" twice in its "audience"/],
  ['no name', { '': role }, /empty name/],
  ['a long name', { [`${'x'.repeat(62)}ü`]: role }, /longer than 63 bytes/],
  ['a table twice', { a: role, b: role }, /"a" and "b" announce the same table "role".*one channel/],
])('a definition with %s is refused', (_, definitions, message) => {
  expect(() => define(definitions)).toThrow(
    expect.objectContaining({ code: 'bad-definition', message: expect.stringMatching(message) }),
  );
});

test('what is left of an event’s topic stays as it is written', () => {
  const event = { channel: 'a', operation: 'INSERT', seq: 1, announced_at: '', id: 7 } as const;
  expect(topicOf('a:{id}/}b')(event)).toBe('a:7/}b');
  expect(() => topicOf('a{id}b{id}c')).toThrow(/more than one column/);
});
