import { expect, test } from 'vitest';

import { createDecoder } from './decode.ts';

const decode = createDecoder({
  notes: { table: 'note', columns: ['id', 'team', 'text'], audience: ['team:{team}'] },
});

test('reads what a trigger writes', () => {
  expect(decode('notes', '{"operation":"INSERT","id":1,"team":null,"text":"a","seq":7}')).toEqual({
    kind: 'change',
    event: { channel: 'notes', operation: 'INSERT', id: 1, team: null, text: 'a', seq: 7 },
  });
  expect(decode('notes', '{"operation":"RESYNC","reason":"truncated-table","seq":8}')).toEqual({
    kind: 'resync',
    channel: 'notes',
  });
});

test.each([
  ['other', '{"operation":"INSERT","id":1,"team":1,"seq":1}', /"other".*not defined. Defined: notes/],
  ['notes', '', /not JSON/],
  ['notes', '{"operation":', /not JSON/],
  ['notes', 'null', /not an object/],
  ['notes', '[1]', /not an object/],
  ['notes', '{"operation":"UPSERT","id":1,"team":1,"seq":1}', /"operation" is none of/],
  ['notes', '{"operation":"INSERT","id":1,"team":1}', /"seq"/],
  ['notes', '{"operation":"INSERT","id":1,"team":1,"seq":"1"}', /"seq"/],
  ['notes', '{"operation":"INSERT","id":1,"seq":1}', /lacks "team"/],
  ['notes', '{"operation":"INSERT","__proto__":{"team":1},"seq":1}', /lacks "id", "team"/],
])('drops what no trigger writes: %s %s', (channel, payload, message) => {
  expect(() => decode(channel, payload)).toThrow(expect.objectContaining({ code: 'bad-payload' }));
  expect(() => decode(channel, payload)).toThrow(message);
});

test('a payload cannot pass for another channel', () => {
  const announcement = decode('notes', '{"operation":"INSERT","id":1,"team":1,"seq":1,"channel":"secrets"}');
  expect(announcement).toMatchObject({ event: { channel: 'notes' } });
});
