import { expect, test } from 'vitest';

import { viewerIn, workerName } from './worker-name.ts';

const ADA = '3c02484c-9e19-41af-8803-dde503f81406';
const BO = '55836331-8a2e-4a47-8757-9555066da88f';
const VERSION = 'https://example.com/assets/index-C1CJz0ZD.js';

test('tells people and versions apart, and nothing else', () => {
  const name = workerName(ADA, VERSION);
  expect(workerName(BO, VERSION)).not.toBe(name);
  expect(workerName(ADA, 'https://example.com/assets/index-BxYz0123.js')).not.toBe(name);
  expect(workerName(ADA, `${VERSION}?t=1#x`)).toBe(name);
});

test('says whose it is', () => {
  expect(viewerIn(workerName(ADA, VERSION))).toBe(ADA);
});
