import { type Channel, channels } from '@processflow/db';
import type { Selection } from '@processflow/events/server';
import { z } from 'zod';

/** The channels that can be asked for. */
export const CHANNELS = Object.entries(channels)
  .filter(([, definition]) => !('internal' in definition))
  .map(([channel]) => channel) as Channel[];

const channel = z.enum(CHANNELS as [Channel, ...Channel[]], {
  error: ({ input }) => `There is no channel "${String(input)}". Channels: ${CHANNELS.join(', ')}.`,
});

/** What a stream may ask for; all of it optional, and never more than its viewer may hear. */
export const selectionInput = z.object({
  teamId: z.int().positive().optional(),
  email: z.string().max(320).toLowerCase().optional(),
  profileId: z.uuid().toLowerCase().optional(),
  channels: z.array(channel).min(1).max(CHANNELS.length).optional(),
});

export const NOT_A_MEMBER = 'You are not, or no longer, a member of this team.';

/** Without team, address and person: everything the viewer may hear; otherwise the topics of those named. */
export function toSelection({
  teamId,
  email,
  profileId,
  channels: named,
}: z.output<typeof selectionInput>): Selection {
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
  const selection: { -readonly [K in keyof Selection]: Selection[K] } = { requires };
  if (named !== undefined) selection.channels = new Set(named);
  if (requires.length > 0) {
    selection.topics = (topic) =>
      requires.some((required) => topic === required.topic || topic.startsWith(`${required.topic}/`));
  }
  return selection;
}
