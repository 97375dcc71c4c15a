import { defineConfig } from 'vitest/config';

const SECOND = 1000;

/** Tests that ask for a database; everything else must run without one, at once. */
const integration = [
  'db/**/*.test.ts',
  'apps/server/**/*.test.ts',
  'packages/events/src/postgres/**/*.test.ts',
  '**/*.postgres.test.ts',
];
const outside = ['**/node_modules/**', '**/dist/**', 'e2e/**', '.data/**'];

const shared = {
  setupFiles: ['./scripts/vitest/setup.ts'],
  // Testing Library cleans up after each test only where `afterEach` is global; our tests import what they use.
  globals: true,
  restoreMocks: true,
  testTimeout: 30 * SECOND,
  hookTimeout: 30 * SECOND,
  retry: 0,
};

export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['{packages,apps,scripts,bench}/**/*.test.{ts,tsx}'],
          exclude: [...outside, ...integration],
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: integration,
          exclude: outside,
          globalSetup: ['./scripts/vitest/global-setup.ts'],
        },
      },
    ],
  },
});
