import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { createInvalidator } from './invalidator.ts';

/** Screens whose fetches answer, fail, or are refused, as told. */
async function setUp() {
  const queryClient = new QueryClient({
    defaultOptions: { queries: { staleTime: Infinity, retry: false, networkMode: 'always' } },
  });
  const invalidator = createInvalidator<{ channel: 'changes' }>(queryClient, {
    rules: { changes: { all: [] } },
    onError: () => undefined,
  });
  const outcomes = new Map<string, Error>();
  const asked: string[] = [];
  const unmounts: (() => void)[] = [];
  for (const name of ['well', 'failed', 'refused', 'unseen']) {
    const queryFn = () => {
      asked.push(name);
      const error = outcomes.get(name);
      return error ? Promise.reject(error) : Promise.resolve(name);
    };
    if (name === 'unseen') void queryClient.prefetchQuery({ queryKey: [name], queryFn });
    else
      unmounts.push(new QueryObserver(queryClient, { queryKey: [name], queryFn }).subscribe(() => undefined));
  }
  const rest = () => expect.poll(() => queryClient.isFetching()).toBe(0);
  await rest();
  return {
    queryClient,
    invalidator,
    outcomes,
    asked,
    rest,
    async refetch(name: string) {
      await queryClient.refetchQueries({ queryKey: [name] });
      await rest();
    },
    [Symbol.dispose]() {
      unmounts.forEach((unmount) => unmount());
      invalidator.dispose();
      queryClient.clear();
    },
  };
}

test('when the stream goes on, what failed for want of a connection is fetched again, and nothing else', async () => {
  using given = await setUp();
  given.outcomes.set('failed', new Error('unreachable'));
  given.outcomes.set('refused', Object.assign(new Error('no'), { data: { code: 'FORBIDDEN' } }));
  await given.refetch('failed');
  await given.refetch('refused');
  given.outcomes.clear();
  given.asked.length = 0;

  given.invalidator.onResumed();
  await given.rest();
  expect(given.asked).toEqual(['failed']);
  expect(given.queryClient.getQueryState(['failed'])).toMatchObject({ status: 'success', error: null });

  given.invalidator.onResumed();
  await given.rest();
  expect(given.asked).toHaveLength(1);
});

test('what failed and is not on screen is looked at again when it is', async () => {
  using given = await setUp();
  given.outcomes.set('unseen', new Error('unreachable'));
  await given.queryClient.fetchQuery({ queryKey: ['unseen'], staleTime: 0 }).catch(() => undefined);
  given.asked.length = 0;
  given.invalidator.onResumed();
  await given.rest();
  expect(given.asked).toEqual([]);
  expect(given.queryClient.getQueryState(['unseen'])?.isInvalidated).toBe(true);
});
