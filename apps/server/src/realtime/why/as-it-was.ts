import type { AnyEvent, Page } from '@processflow/db';
import { Revocation } from '@processflow/events/server';

import { access, type Membership, topicsOf, type Viewer } from '../viewer.ts';
import type { Logged, Place } from './logged-event.ts';

/** What decides what somebody hears of one team. */
export interface Standing {
  /** Undefined: no member. */
  readonly membership: Membership | undefined;
  /** The address, in lower case, while it is verified. */
  readonly email: string | null;
}

/** What the log does not tell of a moment. */
interface Unknown {
  readonly about: 'pages' | 'address' | 'members';
  readonly text: string;
}

/** What it was at some moment, and what of that the log does not tell. */
export interface PastStanding extends Standing {
  readonly unknown: readonly Unknown[];
}

type Of<Channel extends AnyEvent['channel']> = Extract<AnyEvent, { channel: Channel }>;

const TABLES: Readonly<Record<string, Unknown['about']>> = {
  profile_team_changes: 'members',
  profile_role_team_changes: 'pages',
  role_changes: 'pages',
  profile_changes: 'address',
};

/**
 * How things stood just before `moment`: by what the log tells last before it; where it tells nothing before, by what
 * happened next after it; and where it tells nothing at all, as they stand now. What its own transaction changed is
 * after it: the hub counts what such an event takes away by itself, and what it gives only later.
 */
export function standingBefore(
  isBefore: (place: Place) => boolean,
  now: Standing,
  log: readonly Logged[],
  profileId: string,
): PastStanding {
  const unknown: Unknown[] = [];
  const around = <Channel extends AnyEvent['channel']>(
    channel: Channel,
    isIt: (event: Of<Channel>) => boolean,
  ) => {
    const found = log.flatMap((one) => {
      if (one.kind === 'resync' || one.event.channel !== channel) return [];
      const event = one.event as Of<Channel>;
      return isIt(event) ? [{ event, before: isBefore(one) }] : [];
    });
    return {
      before: found.findLast(({ before }) => before)?.event,
      after: found.find(({ before }) => !before)?.event,
    };
  };

  const own = around('profile_team_changes', (event) => event.profile_id === profileId);
  const wasOwner = (): boolean => {
    const { before, after } = own;
    if (before !== undefined) return before.is_owner;
    if (after?.operation === 'DELETE') return after.is_owner;
    if (after?.operation === 'UPDATE') return after.changed.includes('is_owner') !== after.is_owner;
    return now.membership?.isOwner === true;
  };

  const roles = new Map<number, readonly Page[]>();
  const known = new Set(now.membership?.roles.keys());
  for (const one of log) {
    if (one.kind === 'resync' || one.event.channel !== 'profile_role_team_changes') continue;
    if (one.event.profile_id === profileId) known.add(one.event.role_id);
  }
  for (const roleId of known) {
    const held = wasThere(
      around(
        'profile_role_team_changes',
        (event) => event.profile_id === profileId && event.role_id === roleId,
      ),
      now.membership?.roles.has(roleId) === true,
    );
    if (!held) continue;
    const { before, after } = around('role_changes', (event) => event.id === roleId);
    const isLost = after?.operation === 'UPDATE' && after.changed.includes('pages');
    const pages = before?.pages ?? (isLost ? undefined : (after?.pages ?? now.membership?.roles.get(roleId)));
    if (pages === undefined) {
      unknown.push({
        about: 'pages',
        text: `Which pages the role "${after?.name ?? roleId}" opened then, the log does not tell.`,
      });
    }
    roles.set(roleId, pages ?? []);
  }

  const address = around('profile_changes', ({ id }) => id === profileId);
  if (address.before === undefined && address.after?.operation === 'UPDATE') {
    unknown.push({ about: 'address', text: 'Which address the account had then, the log does not tell.' });
  }
  for (const [channel, about] of Object.entries(TABLES)) {
    const emptied = log.some((one) => one.kind === 'resync' && one.channel === channel && !isBefore(one));
    if (emptied) unknown.push({ about, text: `Some rows of ${channel} cannot be told from the log.` });
  }
  return {
    membership: wasThere(own, now.membership !== undefined) ? { isOwner: wasOwner(), roles } : undefined,
    email: address.before === undefined ? now.email : verified(address.before),
    unknown,
  };
}

/** What the hub lets somebody of this standing hear, once it has counted what these events take away. */
export function topicsHeard(
  profileId: string,
  teamId: number,
  { membership, email }: Standing,
  taking: readonly AnyEvent[] = [],
): ReadonlySet<string> {
  let viewer: Viewer = {
    key: { profileId, sessionId: '' },
    expiresAt: Infinity,
    email,
    teams: new Map(membership && [[teamId, membership]]),
  };
  for (const event of taking) {
    const left = access.narrow(viewer, event);
    if (left instanceof Revocation) return new Set();
    viewer = left;
  }
  return new Set(topicsOf(viewer));
}

/** Whether the row was there, by the events before and after. */
export function wasThere(
  { before, after }: { before: { operation: string } | undefined; after: { operation: string } | undefined },
  isThere: boolean,
): boolean {
  if (before !== undefined) return before.operation !== 'DELETE';
  if (after !== undefined) return after.operation !== 'INSERT';
  return isThere;
}

function verified({ email, email_verified }: Of<'profile_changes'>): string | null {
  return email_verified ? email.toLowerCase() : null;
}
