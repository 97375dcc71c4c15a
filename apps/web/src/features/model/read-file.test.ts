import { expect, test } from 'vitest';

import { readModelFile } from './read-file.ts';

const xml = (encoding: string) =>
  `<?xml version="1.0" encoding="${encoding}"?><definitions><process name="Prüfung"/></definitions>`;
const file = (content: BlobPart, name = 'check.bpmn') => new File([content], name);

test('reads UTF-8, with and without a mark', async () => {
  const text = xml('UTF-8');
  expect(await readModelFile(file(text))).toEqual({ ok: true, xml: text, name: null });
  expect(await readModelFile(file(`\uFEFF${text}`))).toMatchObject({ xml: text });
});

test('reads the encoding that the file declares', async () => {
  const text = xml('ISO-8859-1');
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  expect(await readModelFile(file(bytes))).toMatchObject({ ok: true, xml: text });
});

test('reads UTF-16 by its mark', async () => {
  const text = xml('UTF-16');
  const bytes = new Uint8Array(2 + 2 * text.length);
  bytes.set([0xff, 0xfe]);
  for (let index = 0; index < text.length; index += 1) bytes[2 + 2 * index] = text.charCodeAt(index);
  expect(await readModelFile(file(bytes))).toMatchObject({ ok: true, xml: text });
});

test('a model without a name is called like its file', async () => {
  const nameless =
    '<bpmn:definitions><bpmn:process id="name"><bpmn:task name="A"/></bpmn:process></bpmn:definitions>';
  expect(await readModelFile(file(nameless, 'Holiday request.bpmn'))).toMatchObject({
    name: 'Holiday request',
  });
});

test.each([
  ['empty', file('  ')],
  ['not text', file(Uint8Array.of(0x50, 0x4b, 0xff, 0xfe, 0xc3))],
  ['too large', file('x'.repeat(2_000_001))],
])('a file that is %s is refused with the reason', async (_, bad) => {
  const read = await readModelFile(bad);
  expect(read.ok).toBe(false);
});
