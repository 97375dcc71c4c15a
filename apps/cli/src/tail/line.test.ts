import type { AnyChangeEvent } from '@processflow/events';
import { expect, test } from 'vitest';

import { createStyle, safeText, wantsColor } from '../style.ts';
import { eventLine } from './line.ts';

const event: AnyChangeEvent = {
  channel: 'role_changes',
  operation: 'UPDATE',
  seq: 7,
  announced_at: '2026-01-02T03:04:05.006789+00:00',
  changed: ['name', 'colour'],
  truncated: ['name'],
  id: 1,
  name: 'Long\u001b[2J',
  pages: ['tasks'],
  claimed_by: null,
};

test('a line says when, where, what, its number, the row, and what changed or was shortened', () => {
  const line = eventLine(event, createStyle(false));
  expect(line.slice('00:00:00'.length)).toBe(
    String.raw`.006 role_changes UPDATE seq=7 id=1 name="Long\u001b[2J" pages=["tasks"] claimed_by=null changed: name, colour shortened: name`,
  );
  const hours = String(new Date(event.announced_at).getHours()).padStart(2, '0');
  expect(line).toMatch(new RegExp(`^${hours}:\\d\\d:05\\.`));
});

test('colours say the operation, and make bold what changed', () => {
  const style = createStyle(true);
  expect(eventLine(event, style)).toContain(
    `\u001b[33mUPDATE\u001b[39m \u001b[2mseq=7\u001b[22m id=1 \u001b[1mname=`,
  );
  expect(eventLine({ ...event, operation: 'DELETE' }, style)).toContain('\u001b[31mDELETE');
});

test('says so when what changed is not shown, and nothing of the kind of a row that is new', () => {
  const style = createStyle(false);
  expect(eventLine({ ...event, changed: [], truncated: [] }, style)).toMatch(
    / claimed_by=null changed: a column that is not shown$/,
  );
  const { changed: _, ...row } = event;
  expect(eventLine({ ...row, operation: 'INSERT' }, style)).not.toContain('changed');
});

test('a time that cannot be read, and a hostile name, are shown as they came', () => {
  const line = eventLine({ ...event, announced_at: 'soon\u009b', 'a\u0007': 1 }, createStyle(false));
  expect(line).toMatch(/^soon\\u009b /);
  expect(line).toContain(String.raw`a\u0007=1`);
});

test('text of others cannot give the terminal orders', () => {
  expect(safeText('one\ntwo\u001b[31m\u0085\u202e')).toBe('one\ntwo\\u001b[31m\\u0085\\u202e');
});

test.each([
  ['a terminal', undefined, {}, true, true],
  ['a pipe', undefined, {}, false, false],
  ['a terminal that says NO_COLOR', undefined, { NO_COLOR: '1' }, true, false],
  ['an empty NO_COLOR', undefined, { NO_COLOR: '' }, true, true],
  ['--color in a pipe', true, { NO_COLOR: '1' }, false, true],
  ['--no-color on a terminal', false, { FORCE_COLOR: '1' }, true, false],
  ['FORCE_COLOR in a pipe', undefined, { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', undefined, { FORCE_COLOR: '0' }, true, false],
  ['a dumb terminal', undefined, { TERM: 'dumb' }, true, false],
] as const)('colours: %s', (_, flag, env, isTerminal, expected) => {
  expect(wantsColor(flag, env, isTerminal)).toBe(expected);
});
