import { z } from 'zod';

import type { ChannelDefinitions } from '../contract.ts';
import type { PublicChannel } from '../event.ts';
import { LONGEST_POSITION } from '../position-length.ts';

/**
 * The input of the subscription, as a zod schema: `channels` narrows the stream, `lastEventId` is what tRPC's client
 * sends back when it connects again. A channel that is not there is refused by name, with those there are.
 *
 * @example
 * const input = streamInput(channels).optional();
 * input.parse({ channels: ['role_changes'] });
 */
export function streamInput<const Definitions extends ChannelDefinitions>(definitions: Definitions) {
  type Channel = PublicChannel<Definitions>;
  const names = Object.keys(definitions).filter((name) => definitions[name]?.internal !== true) as Channel[];
  const channel = z.enum(names as [Channel, ...Channel[]], {
    error: ({ input }) => `Channel "${String(input)}" is not defined. Defined: ${names.join(', ')}.`,
  });
  return z.object({
    channels: z.array(channel).min(1).max(names.length).optional(),
    lastEventId: z.string().max(LONGEST_POSITION).nullish(),
  });
}
