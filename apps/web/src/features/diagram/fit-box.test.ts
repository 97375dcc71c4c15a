import { expect, test } from 'vitest';

import { fitBox, heightFor } from './fit-box.ts';

const outer = { width: 400, height: 300 };
const long = { x: 0, y: 0, width: 4000, height: 100 };

test('shows all of it, with the proportions of the space', () => {
  const box = fitBox({ x: 0, y: 0, width: 600, height: 100 }, outer, null);
  expect(box.x).toBeLessThan(0);
  expect(box.x + box.width).toBeGreaterThan(600);
  expect(box.width / box.height).toBeCloseTo(outer.width / outer.height);
});

test('does not blow up a small drawing', () => {
  expect(fitBox({ x: 0, y: 0, width: 50, height: 50 }, outer, null).width).toBeCloseTo(400 / 1.1);
});

test('a large drawing in a small space is shown around the place that matters', () => {
  const box = fitBox(long, outer, { x: 1800, y: 40, width: 100, height: 80 });
  expect(outer.width / box.width).toBeCloseTo(0.5);
  expect(box.x).toBeLessThan(1800);
  expect(box.x + box.width).toBeGreaterThan(1900);
});

test('a place at the edge does not bring empty space with it', () => {
  const atTheStart = fitBox(long, outer, { x: 0, y: 0, width: 100, height: 80 });
  const somewhatLater = fitBox(long, outer, { x: 60, y: 0, width: 100, height: 80 });
  expect(atTheStart.x).toBe(somewhatLater.x);
});

test('needs the height that its width gives it', () => {
  expect(heightFor({ width: 1000, height: 100 }, 580)).toBe(50 + 88);
});
