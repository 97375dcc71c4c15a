import { expect, test, vi } from 'vitest';

import { readExample } from '../example/example.ts';
import { createModelCache } from './cache.ts';

test('a model is read once and shared', async () => {
  const { xml } = await readExample();
  const load = vi.fn<() => Promise<string>>(() => Promise.resolve(xml));
  const cache = createModelCache();
  const [one, two] = await Promise.all([cache.read(1, load), cache.read(1, load)]);
  expect(one).toBe(two);
  expect(load).toHaveBeenCalledOnce();
});

test('the models used last are kept', async () => {
  const { xml } = await readExample();
  const loads: number[] = [];
  const cache = createModelCache(2);
  const read = (id: number) =>
    cache.read(id, () => {
      loads.push(id);
      return Promise.resolve(xml);
    });
  for (const id of [1, 2, 1, 3, 1, 2]) await read(id);
  expect(loads).toEqual([1, 2, 3, 2]);
});

test('a failure is told and not kept', async () => {
  const { xml } = await readExample();
  const cache = createModelCache();
  await expect(cache.read(1, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect((await cache.read(1, () => Promise.resolve(xml))).model?.startId).toBe('received');
});

test('what is wrong with a model is read once too', async () => {
  const load = vi.fn<() => Promise<string>>(() => Promise.resolve('broken'));
  const cache = createModelCache();
  const { problems } = await cache.read(1, load);
  expect(problems).toMatchObject([{ code: 'unreadable-xml' }]);
  expect((await cache.read(1, load)).problems).toBe(problems);
  expect(load).toHaveBeenCalledOnce();
});
