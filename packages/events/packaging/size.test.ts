import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

/** What the kit may add to the page's download, in bytes after gzip. */
const LIMIT = 5_000;

test('the browser part adds at most 5 kB to what React, tRPC and React Query weigh', async () => {
  const without = await sizeOf('without.tsx');
  const whole = await sizeOf('with.tsx');
  const added = whole - without;
  console.log(`The kit adds ${added} bytes (gzip) to ${without}.`);
  // Less would mean that the kit was not bundled at all.
  expect(added).toBeGreaterThan(1_000);
  expect(added).toBeLessThanOrEqual(LIMIT);
});

/** The size of the application as a browser loads it: bundled, shaken, minified and compressed. */
async function sizeOf(name: string): Promise<number> {
  await using bundle = await rolldown({
    input: join(import.meta.dirname, 'browser', name),
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    onLog(level, log) {
      // React Query's "use client" is for servers that render.
      if (log.code !== 'MODULE_LEVEL_DIRECTIVE') throw new Error(`${level}: ${log.message}`);
    },
  });
  const { output } = await bundle.generate({ minify: true });
  return output.reduce((sum, part) => sum + ('code' in part ? gzipSync(part.code).length : 0), 0);
}
