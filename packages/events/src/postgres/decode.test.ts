import { expect, test } from 'vitest';

import { createDecoder } from './decode.ts';

const AT = '2026-01-01T00:00:00.5+00:00';

const decode = createDecoder({
  notes: { table: 'note', columns: ['id', 'team', 'text'], audience: ['team:{team}'] },
});

test('reads what a trigger writes', () => {
  expect(
    decode(
      'notes',
      '{"operation":"INSERT","id":1,"team":null,"text":"a","seq":7,"announced_at":"2026-01-01T00:00:00.5+00:00"}',
    ),
  ).toEqual({
    kind: 'change',
    event: { channel: 'notes', operation: 'INSERT', id: 1, team: null, text: 'a', seq: 7, announced_at: AT },
  });
  expect(decode('notes', '{"operation":"RESYNC","reason":"truncated-table","seq":8}')).toEqual({
    kind: 'resync',
    channel: 'notes',
  });
});

test('an UPDATE says what changed; a row that moved does not', () => {
  const rest = '"id":1,"team":1,"text":"a","changed":%,"seq":7,"announced_at":"2026-01-01T00:00:00.5+00:00"}';
  expect(decode('notes', `{"operation":"UPDATE",${rest.replace('%', '["text"]')}`)).toMatchObject({
    event: { operation: 'UPDATE', changed: ['text'] },
  });
  expect(decode('notes', `{"operation":"DELETE",${rest.replace('%', 'null')}`)).not.toHaveProperty(
    'event.changed',
  );
});

const whole = '"team":1,"text":"a","seq":1,"announced_at":"2026-01-01T00:00:00.5+00:00"';

test.each([
  ['notes', '', /not JSON/],
  ['notes', '{"operation":', /not JSON/],
  ['notes', 'null', /not an object/],
  ['notes', '[1]', /not an object/],
  ['notes', `{"operation":"UPSERT","id":1,${whole}}`, /"operation" is none of/],
  ['notes', '{"operation":"INSERT","id":1,"team":1,"announced_at":"2026-01-01T00:00:00.5+00:00"}', /"seq"/],
  [
    'notes',
    '{"operation":"INSERT","id":1,"team":1,"seq":"1","announced_at":"2026-01-01T00:00:00.5+00:00"}',
    /"seq"/,
  ],
  ['notes', '{"operation":"INSERT","id":1,"team":1,"seq":1}', /"announced_at" is not a time/],
  [
    'notes',
    '{"operation":"INSERT","id":1,"seq":1,"announced_at":"2026-01-01T00:00:00.5+00:00"}',
    /lacks "team", "text"/,
  ],
  ['notes', `{"operation":"INSERT","id":1,"team":1,"seq":1,"announced_at":"${AT}"}`, /lacks "text"/],
  ['notes', `{"operation":"INSERT","id":null,${whole}}`, /"id", of its key, is null/],
  ['notes', `{"operation":"INSERT","id":1,"truncated":5,${whole}}`, /"truncated" is not a list/],
  ['notes', `{"operation":"INSERT","id":1,"truncated":[5],${whole}}`, /"truncated" is not a list/],
  [
    'notes',
    '{"operation":"INSERT","id":1,"team":1,"text":"a","seq":1,"announced_at":"soon"}',
    /"announced_at" is not a time/,
  ],
  [
    'notes',
    `{"operation":"INSERT","__proto__":{"team":1},"seq":1,"announced_at":"2026-01-01T00:00:00.5+00:00"}`,
    /lacks "id", "team", "text"/,
  ],
  ['notes', `{"operation":"UPDATE","id":1,${whole}}`, /"changed" is not a list/],
  ['notes', `{"operation":"UPDATE","id":1,"changed":[1],${whole}}`, /"changed" is not a list/],
  ['notes', `{"operation":"INSERT","id":9007199254740993,${whole}}`, /"id" is 9007199254740993.*"text"/],
])('refuses what no trigger writes: %s %s', (channel, payload, message) => {
  expect(() => decode(channel, payload)).toThrow(expect.objectContaining({ code: 'bad-payload' }));
  expect(() => decode(channel, payload)).toThrow(message);
});

test('names the channels there are when a notification comes on another', () => {
  const call = () => decode('other', `{"operation":"INSERT","id":1,${whole}}`);
  expect(call).toThrow(expect.objectContaining({ code: 'unknown-channel' }));
  expect(call).toThrow(/"other" is not defined. Defined: notes/);
});

test('long digits are kept where they are exact: within texts, and as numbers up to 2^53 - 1', () => {
  const payload = `{"operation":"INSERT","id":9007199254740991,${whole.replace('"a"', '"9007199254740993"')}}`;
  expect(decode('notes', payload)).toMatchObject({
    event: { id: Number.MAX_SAFE_INTEGER, text: '9007199254740993' },
  });
});

test('a payload cannot pass for another channel', () => {
  const announcement = decode('notes', `{"operation":"INSERT","id":1,"channel":"secrets",${whole}}`);
  expect(announcement).toMatchObject({ event: { channel: 'notes' } });
});

test('what the definition does not carry reaches nobody, whatever a newer trigger sends', () => {
  const announcement = decode(
    'notes',
    `{"operation":"UPDATE","id":1,"secret":"x","secret_number":9007199254740993,"reason":"y","changed":["secret"],"truncated":["text"],${whole}}`,
  );
  expect(announcement).toEqual({
    kind: 'change',
    event: {
      channel: 'notes',
      operation: 'UPDATE',
      id: 1,
      team: 1,
      text: 'a',
      seq: 1,
      announced_at: AT,
      changed: ['secret'],
      truncated: ['text'],
    },
  });
});

test('a long number within a JSON column is as exact as JSON.parse has it, and drops no event', () => {
  const text = '{"id":9007199254740993,"list":[9007199254740993]}';
  expect(decode('notes', `{"operation":"INSERT","id":1,${whole.replace('"a"', text)}}`)).toMatchObject({
    event: { text: JSON.parse(text) as unknown },
  });
});
