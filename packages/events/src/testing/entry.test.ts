import { join } from 'node:path';

import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

test('the entry loads nothing by itself: component tests need no pg, and run in browsers too', async () => {
  const bundle = await rolldown({ input: join(import.meta.dirname, '../testing.ts'), external: /^[^./]/ });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const [{ imports, dynamicImports }] = output;
  expect(imports).toEqual([]);
  expect(dynamicImports.toSorted()).toEqual(['node:net', 'pg']);
});
