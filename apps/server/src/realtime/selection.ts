import { channels } from '@processflow/db';
import { streamInput, type Selection } from '@processflow/events/server';
import { z } from 'zod';

import { TOKEN_OF_ANOTHER_TEAM, TOKEN_RESTS } from '../token/bearer.ts';
import type { ViewerKey } from './viewer.ts';

/** What a stream may ask for; all of it optional, and never more than its viewer may hear. */
export const streamSelection = streamInput(channels).extend({
  teamId: z.int().positive().optional(),
  email: z.string().max(320).toLowerCase().optional(),
  profileId: z.uuid().toLowerCase().optional(),
});

export const NOT_A_MEMBER = 'You are not, or no longer, a member of this team.';

type Asked = Omit<z.output<typeof streamSelection>, 'lastEventId'>;
type Requirement = NonNullable<Selection['requires']>[number];

/**
 * Without team, address and person: everything the viewer may hear; otherwise the topics of those named. A token
 * hears its own team alone, as long as whoever made it is an owner there.
 */
export function toSelection(
  { teamId, email, profileId, channels: named }: Asked,
  viewer: ViewerKey,
): Selection {
  const token = 'token' in viewer ? viewer.token : undefined;
  const requires: Requirement[] = [];
  if (teamId !== undefined) {
    requires.push({
      topic: `team:${teamId}`,
      otherwise: token === undefined ? NOT_A_MEMBER : TOKEN_OF_ANOTHER_TEAM,
    });
  }
  if (email !== undefined) {
    requires.push({
      topic: `email:${email}`,
      otherwise: 'Only your own verified address can be listened to.',
    });
  }
  if (profileId !== undefined) {
    requires.push({ topic: `profile:${profileId}`, otherwise: 'Only your own profile can be listened to.' });
  }
  if (token !== undefined) {
    const owners = { topic: `team:${token.teamId}/owners`, otherwise: TOKEN_RESTS };
    return {
      requires: [owners, ...requires],
      channels: named,
      topics: (topic) => isWithin(topic, `team:${token.teamId}`),
    };
  }
  const selection: Selection = { requires, channels: named };
  if (requires.length === 0) return selection;
  return { ...selection, topics: (topic) => requires.some((required) => isWithin(topic, required.topic)) };
}

function isWithin(topic: string, whole: string): boolean {
  return topic === whole || topic.startsWith(`${whole}/`);
}
