import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/** `npm run screenshots`: the scripts under `screenshots/`, which take pictures instead of checking. */
export default defineConfig(base, { testDir: 'screenshots' });
