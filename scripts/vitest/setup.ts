import { afterAll, afterEach } from 'vitest';

/**
 * An error or warning on the console that the test did not expect fails it. A test that expects one replaces
 * the method: `using silent = vi.spyOn(console, 'error').mockImplementation(() => {})`.
 */
const unexpected: string[] = [];

for (const method of ['error', 'warn'] as const) {
  const print = console[method].bind(console);
  console[method] = (...args: unknown[]) => {
    print(...args);
    unexpected.push(`console.${method}: ${args.map(String).join(' ')}`);
  };
}

function failOnUnexpected(): void {
  if (unexpected.length > 0) throw new Error(`Unexpected ${unexpected.splice(0).join('\n')}`);
}

afterEach(failOnUnexpected);
afterAll(failOnUnexpected);
