import { expect, test } from 'vitest';

import { fitBox } from './fit-box.ts';

const outer = { width: 400, height: 300 };
const place = { x: 1800, y: 40, width: 100, height: 80 };

test('shows all of it, centred, with the proportions of the space', () => {
  const box = fitBox({ x: 0, y: 0, width: 600, height: 100 }, outer, place);
  expect(box.x).toBeLessThan(0);
  expect(box.x + box.width).toBeGreaterThan(600);
  expect(box.width / box.height).toBeCloseTo(outer.width / outer.height);
});

test('does not blow up a small drawing', () => {
  expect(fitBox({ x: 0, y: 0, width: 50, height: 50 }, outer, null).width).toBeCloseTo(400 / 1.1);
});

test('a large drawing in a small space is shown around the place that matters, without empty margins', () => {
  const box = fitBox({ x: 0, y: 0, width: 4000, height: 200 }, outer, place);
  expect(box.x + box.width / 2).toBe(1850);
  expect(outer.width / box.width).toBeCloseTo(0.6);
  const left = { x: 0, y: 0, width: 100, height: 80 };
  expect(fitBox({ x: 0, y: 0, width: 4000, height: 200 }, outer, left).x).toBe(-32);
});
