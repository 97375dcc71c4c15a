import { createInvalidator } from '@processflow/events/react';
import { QueryObserver } from '@tanstack/react-query';

import type { StepContext } from './context.ts';
import type { HopResult } from './hop.ts';
import { PROBE_CHANNEL, PROBE_KEY, type ProbeEvent } from './probe.ts';
import { reasonOf } from './reason.ts';

/** Whether the event makes a query be fetched again, by the rules and in the cache that were given. */
export async function invalidationStep(
  { queryClient, rules, patience }: StepContext,
  event: ProbeEvent | undefined,
): Promise<HopResult> {
  if (event === undefined) {
    return { hop: 'invalidation', state: 'skip', finding: 'No event arrived that could be tried on it.' };
  }
  let fetches = 0;
  let again = Promise.withResolvers<'fetched'>();
  const observer = new QueryObserver(queryClient, {
    queryKey: PROBE_KEY,
    queryFn: () => {
      fetches += 1;
      again.resolve('fetched');
      return fetches;
    },
    staleTime: Infinity,
    networkMode: 'always',
  });
  let fault: unknown;
  const invalidator = createInvalidator<ProbeEvent>(queryClient, {
    rules,
    onError: (error) => {
      fault ??= error;
    },
  });
  const unsubscribe = observer.subscribe(() => undefined);
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), patience.answer);
  try {
    await observer.refetch();
    again = Promise.withResolvers();
    const startedAt = performance.now();
    invalidator.onEvent(event);
    const came = fault === undefined && (await Promise.race([again.promise, late.promise])) === 'fetched';
    const ms = Math.round(performance.now() - startedAt);
    if (came)
      return { hop: 'invalidation', state: 'ok', ms, finding: 'The event made its query be fetched again.' };
    return {
      hop: 'invalidation',
      state: 'fail',
      finding: `The event came, but no query was fetched again${fault === undefined ? '' : `: ${reasonOf(fault)}`}.`,
      advice: "Add the channel to the rules, in the web app's live.ts:",
      line: `${PROBE_CHANNEL}: { all: keys([${PROBE_KEY.map((part) => `'${part}'`).join(', ')}]) },`,
    };
  } finally {
    clearTimeout(timer);
    unsubscribe();
    invalidator.dispose();
    queryClient.removeQueries({ queryKey: PROBE_KEY });
  }
}
