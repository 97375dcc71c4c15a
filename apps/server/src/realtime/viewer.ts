import type { AnyEvent, Page } from '@processflow/db';
import { type Access, Revocation } from '@processflow/events/server';

import { pagesOf } from '../member/queries.ts';
import { TOKEN_EXPIRED, TOKEN_REVOKED, type TokenScope } from '../token/bearer.ts';

/** Who a stream belongs to, as the request that opened it proved: a person, or a program that acts for them. */
export type ViewerKey = { readonly profileId: string } & (
  | { readonly sessionId: string }
  | { readonly token: TokenScope }
);

/** The person behind a stream, with all that decides what they may hear; of a token, its own team alone. */
export interface Viewer {
  readonly key: ViewerKey;
  /** When the session or token ends by itself, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** The verified address, in lower case; null while it is not verified. */
  readonly email: string | null;
  readonly teams: ReadonlyMap<number, Membership>;
}

export interface Membership {
  readonly isOwner: boolean;
  /** The pages that each of the member's roles opens. */
  readonly roles: ReadonlyMap<number, readonly Page[]>;
}

const SESSION_EXPIRED = 'Your session has expired. Sign in again.';

export function signedOut(): Revocation {
  return new Revocation('UNAUTHORIZED', 'You have been signed out. Sign in again to go on.');
}

/** Everything the viewer may hear, and the internal topics by which changes of what they came with find them. */
export function* topicsOf(viewer: Viewer): Generator<string> {
  const { key } = viewer;
  yield 'token' in key ? `token:${key.token.id}` : `session:${key.sessionId}`;
  yield `profile:${key.profileId}`;
  if (viewer.email !== null) yield `email:${viewer.email}`;
  for (const [teamId, { isOwner, roles }] of viewer.teams) {
    yield `team:${teamId}`;
    if (isOwner) yield `team:${teamId}/owners`;
    yield `team:${teamId}/probe/${viewer.key.profileId}`;
    for (const page of pagesOf(isOwner, [...roles.values()].flat())) yield `team:${teamId}/${page}`;
  }
}

/** What an event takes from a viewer, and what it gives; see `Access` for when each is asked. */
export const access: Access<Viewer, AnyEvent> = {
  channels: new Set<AnyEvent['channel']>([
    'profile_team_changes',
    'profile_role_team_changes',
    'role_changes',
    'session_changes',
    'api_token_changes',
    'profile_changes',
  ]),
  topics: topicsOf,
  expiresAt: (viewer) => viewer.expiresAt,
  expired: ({ key }) => new Revocation('UNAUTHORIZED', 'token' in key ? TOKEN_EXPIRED : SESSION_EXPIRED),
  narrow,
  widen,
  concerns,
};

function narrow(viewer: Viewer, event: AnyEvent): Viewer | Revocation {
  const gone = event.operation === 'DELETE';
  switch (event.channel) {
    case 'session_changes':
      if (!('sessionId' in viewer.key) || event.id !== viewer.key.sessionId) return viewer;
      if (gone) return signedOut();
      return { ...viewer, expiresAt: Date.parse(event.expires_at) };
    case 'api_token_changes':
      if (!('token' in viewer.key) || event.id !== viewer.key.token.id) return viewer;
      if (gone || isAnotherToken(event)) return new Revocation('UNAUTHORIZED', TOKEN_REVOKED);
      return { ...viewer, expiresAt: event.expires_at === null ? Infinity : Date.parse(event.expires_at) };
    case 'profile_changes':
      if (event.id !== viewer.key.profileId) return viewer;
      if (gone) return new Revocation('UNAUTHORIZED', 'This account is no longer there.');
      return viewer.email === null || viewer.email === verifiedEmail(event)
        ? viewer
        : { ...viewer, email: null };
    case 'profile_team_changes': {
      if (event.profile_id !== viewer.key.profileId) return viewer;
      if (gone) return withMembership(viewer, event.team_id, undefined);
      const membership = viewer.teams.get(event.team_id);
      if (membership === undefined || !membership.isOwner || event.is_owner) return viewer;
      return withMembership(viewer, event.team_id, { ...membership, isOwner: false });
    }
    case 'profile_role_team_changes':
      if (event.profile_id !== viewer.key.profileId || !gone) return viewer;
      return withRole(viewer, event.team_id, event.role_id, undefined);
    case 'role_changes': {
      const pages = viewer.teams.get(event.team_id)?.roles.get(event.id);
      if (pages === undefined) return viewer;
      if (gone) return withRole(viewer, event.team_id, event.id, undefined);
      const left = pages.filter((page) => event.pages.includes(page));
      return left.length === pages.length ? viewer : withRole(viewer, event.team_id, event.id, left);
    }
    default:
      return viewer;
  }
}

function widen(viewer: Viewer, event: AnyEvent): Viewer | 'reload' {
  if (event.operation === 'DELETE' || isOutside(viewer, event)) return viewer;
  switch (event.channel) {
    case 'profile_changes': {
      if (event.id !== viewer.key.profileId) return viewer;
      const email = verifiedEmail(event);
      return email === viewer.email ? viewer : { ...viewer, email };
    }
    case 'profile_team_changes': {
      if (event.profile_id !== viewer.key.profileId) return viewer;
      const membership = viewer.teams.get(event.team_id);
      if (membership?.isOwner === event.is_owner) return viewer;
      return withMembership(viewer, event.team_id, {
        isOwner: event.is_owner,
        roles: membership?.roles ?? new Map(),
      });
    }
    case 'profile_role_team_changes':
      if (event.profile_id !== viewer.key.profileId) return viewer;
      // The event does not say which pages the role opens.
      return viewer.teams.get(event.team_id)?.roles.has(event.role_id) === true ? viewer : 'reload';
    case 'role_changes': {
      const pages = viewer.teams.get(event.team_id)?.roles.get(event.id);
      if (pages === undefined || event.pages.every((page) => pages.includes(page))) return viewer;
      return withRole(viewer, event.team_id, event.id, event.pages);
    }
    default:
      return viewer;
  }
}

/**
 * What a viewer could hear before a stream went away is what they can hear now, unless one of these came between: their
 * own membership, roles or address, or the pages of a role they hold. A role that is theirs no longer was taken by an
 * event about themselves.
 */
function concerns(viewer: Viewer, event: AnyEvent): boolean {
  switch (event.channel) {
    case 'profile_team_changes':
    case 'profile_role_team_changes':
      return event.profile_id === viewer.key.profileId;
    case 'profile_changes':
      return event.operation !== 'UPDATE' || event.changed.some((column) => column !== 'id');
    case 'role_changes': {
      const isHeld = viewer.teams.get(event.team_id)?.roles.has(event.id) === true;
      return isHeld && (event.operation !== 'UPDATE' || event.changed.includes('pages'));
    }
    case 'api_token_changes':
      return 'token' in viewer.key && event.id === viewer.key.token.id;
    // A session that is extended hears what it heard; one that ended is not read.
    default:
      return false;
  }
}

/** Another one stands in its row: whoever holds the old one is as good as revoked. */
function isAnotherToken(event: Extract<AnyEvent, { channel: 'api_token_changes' }>): boolean {
  return event.operation === 'UPDATE' && event.changed.includes('token_hash');
}

/** A token gains nothing by what its maker gains elsewhere. */
function isOutside({ key }: Viewer, event: AnyEvent): boolean {
  if (!('token' in key)) return false;
  return !('team_id' in event) || event.team_id !== key.token.teamId;
}

function verifiedEmail(event: Extract<AnyEvent, { channel: 'profile_changes' }>): string | null {
  return event.email_verified ? event.email.toLowerCase() : null;
}

function withMembership(viewer: Viewer, teamId: number, membership: Membership | undefined): Viewer {
  const teams = new Map(viewer.teams);
  if (membership === undefined) teams.delete(teamId);
  else teams.set(teamId, membership);
  return { ...viewer, teams };
}

function withRole(
  viewer: Viewer,
  teamId: number,
  roleId: number,
  pages: readonly Page[] | undefined,
): Viewer {
  const membership = viewer.teams.get(teamId);
  if (membership === undefined) return viewer;
  const roles = new Map(membership.roles);
  if (pages === undefined) roles.delete(roleId);
  else roles.set(roleId, pages);
  return withMembership(viewer, teamId, { ...membership, roles });
}
