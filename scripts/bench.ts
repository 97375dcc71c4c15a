import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { endWithParent } from './lifetime.ts';

const folder = join(import.meta.dirname, '..', 'bench');
const [name, ...args] = process.argv.slice(2);
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => entry.name.slice(0, -'.ts'.length))
  .toSorted();

endWithParent();
if (name === undefined || !names.includes(name)) {
  console.error(
    `${name === undefined ? 'Say which benchmark to run' : `There is no benchmark "${name}"`}. There are: ${names.join(', ')}.\n` +
      'For example: npm run bench -- types --json',
  );
  process.exitCode = 2;
} else {
  const { bench } = (await import(join(folder, `${name}.ts`))) as {
    bench: (args: string[]) => Promise<number>;
  };
  process.exitCode = await bench(args);
}
