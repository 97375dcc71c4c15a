import { channels } from '@processflow/db';
import { streamInput, type Selection } from '@processflow/events/server';
import { z } from 'zod';

/** What a stream may ask for; all of it optional, and never more than its viewer may hear. */
export const streamSelection = streamInput(channels).extend({
  teamId: z.int().positive().optional(),
  email: z.string().max(320).toLowerCase().optional(),
  profileId: z.uuid().toLowerCase().optional(),
});

export const NOT_A_MEMBER = 'You are not, or no longer, a member of this team.';

/** Without team, address and person: everything the viewer may hear; otherwise the topics of those named. */
export function toSelection({
  teamId,
  email,
  profileId,
  channels: named,
}: Omit<z.output<typeof streamSelection>, 'lastEventId'>): Selection {
  const requires: { topic: string; otherwise: string }[] = [];
  if (teamId !== undefined) requires.push({ topic: `team:${teamId}`, otherwise: NOT_A_MEMBER });
  if (email !== undefined) {
    requires.push({
      topic: `email:${email}`,
      otherwise: 'Only your own verified address can be listened to.',
    });
  }
  if (profileId !== undefined) {
    requires.push({ topic: `profile:${profileId}`, otherwise: 'Only your own profile can be listened to.' });
  }
  const selection: Selection = { requires, channels: named };
  if (requires.length === 0) return selection;
  return {
    ...selection,
    topics: (topic) =>
      requires.some((required) => topic === required.topic || topic.startsWith(`${required.topic}/`)),
  };
}
