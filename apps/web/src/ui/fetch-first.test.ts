import { expect, test, vi } from 'vitest';

import { fetchFirst } from './fetch-first.ts';

const importPart = () => Promise.resolve('part');

function answer(statuses: Record<string, number>) {
  return vi.spyOn(globalThis, 'fetch').mockImplementation((address) => {
    const status = statuses[address as string];
    return status === undefined
      ? Promise.reject(new TypeError('Failed to fetch'))
      : Promise.resolve(new Response('', { status }));
  });
}

test('imports a part once all its files are here', async () => {
  const fetches = answer({ '/assets/page.js': 200, '/assets/list.js': 200 });
  const importing = vi.fn(importPart);
  const part = fetchFirst(importing, ['assets/page.js', 'assets/list.js']);
  expect(importing).not.toHaveBeenCalled();
  expect(await part).toBe('part');
  expect(fetches).toHaveBeenCalledTimes(2);
});

test.each([
  ['does not come', {}],
  ['is not there any more', { '/assets/list.js': 404 }],
])('a part of which a file %s is never imported', async (_, list) => {
  answer({ '/assets/page.js': 200, ...list });
  const importing = vi.fn(importPart);
  await expect(fetchFirst(importing, ['assets/page.js', 'assets/list.js'])).rejects.toThrow(TypeError);
  expect(importing).not.toHaveBeenCalled();
});

test('where no files are listed, as in development, it is a plain import', async () => {
  expect(await fetchFirst(importPart)).toBe('part');
});
