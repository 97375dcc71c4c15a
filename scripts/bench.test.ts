import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { measureTypes } from '../bench/lib/measure-types.ts';
import { type Style, syntheticApp } from '../bench/lib/synthetic-app.ts';
import { run } from './run.ts';

const SECOND = 1000;

test('without a name it lists the benchmarks there are', async () => {
  let output = '';
  const code = await run(process.execPath, [join(import.meta.dirname, 'bench.ts'), 'nonsense'], {
    onOutput: (text) => (output += text),
  });
  expect(code).toBe(2);
  expect(output).toMatch(/There is no benchmark "nonsense". There are: .*types/);
});

test.each<Style>(['kit', 'by hand'])(
  'what is measured is checked: %s',
  { timeout: 60 * SECOND },
  async (style) => {
    await using app = await syntheticApp({ style, channels: 3, tables: 2 });
    const cost = await measureTypes(app.folder);
    expect(cost.types).toBeGreaterThan(0);
    const screen = join(app.folder, 'screen-2.ts');
    await writeFile(screen, (await readFile(screen, 'utf8')).replace('event.status', 'event.secret'));
    await expect(measureTypes(app.folder)).rejects.toThrow(/screen-2\.ts.*secret/);
  },
);
