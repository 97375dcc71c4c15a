import type { AuthApi, Profile } from '../../auth.ts';
import type { SessionChannel } from './session-channel.ts';

export type SessionState =
  /** The server has not answered yet; `error` says why, once asking failed. */
  | { readonly state: 'unknown'; readonly profile: null; readonly error?: unknown }
  | { readonly state: 'signed out'; readonly profile: null; readonly error?: undefined }
  | { readonly state: 'signed in'; readonly profile: Profile; readonly error?: undefined }
  /** The session ended under someone's hands: the screen stays, and waits for them to sign in again. */
  | { readonly state: 'ended'; readonly profile: Profile; readonly error?: undefined };

export interface Session {
  get(): SessionState;
  subscribe(listener: () => void): () => void;
  /** Asks the server who is signed in. Without an answer everything stays as it is. */
  load(): Promise<void>;
  signIn(input: Parameters<AuthApi['signIn']>[0]): Promise<void>;
  signUp(input: Parameters<AuthApi['signUp']>[0]): Promise<void>;
  signOut(): Promise<void>;
  changePassword: AuthApi['changePassword'];
  /** The server no longer knows this session (it answered UNAUTHORIZED, or ended the stream). */
  lost(): Promise<void>;
}

/** Who is signed in, in this tab and in step with the browser's other tabs. */
export function createSession(api: AuthApi, channel: SessionChannel): Session {
  const listeners = new Set<() => void>();
  let current: SessionState = { state: 'unknown', profile: null };
  let asking: Promise<void> | undefined;
  let changing: Promise<unknown> = Promise.resolve();

  function set(next: SessionState): void {
    current = next;
    for (const listener of listeners) listener();
  }

  function enter(profile: Profile | null): void {
    if (profile) set({ state: 'signed in', profile });
    else set({ state: 'signed out', profile: null });
  }

  async function arrive(arriving: Promise<Profile>): Promise<void> {
    const profile = await arriving;
    enter(profile);
    channel.tell(profile.id);
  }

  channel.hear((profileId) => {
    // Signing out on purpose empties every tab; signing in is taken over once the server confirms who it is.
    if (profileId === null) return enter(null);
    const isKnown = current.state === 'signed in' && current.profile.id === profileId;
    // A question still open may have been asked before that sign-in.
    if (!isKnown || asking) void Promise.resolve(asking).then(() => session.load());
  });

  const session: Session = {
    get: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async load() {
      if (current.error !== undefined) set({ state: 'unknown', profile: null });
      try {
        enter(await api.whoAmI());
      } catch (error) {
        if (current.state === 'unknown') set({ state: 'unknown', profile: null, error });
      }
    },
    signIn: (input) => arrive(api.signIn(input)),
    signUp: (input) => arrive(api.signUp(input)),
    async signOut() {
      await api.signOut();
      enter(null);
      channel.tell(null);
    },
    async changePassword(input) {
      // The old session ends before the browser has the new one's cookie.
      const change = api.changePassword(input);
      changing = change.catch(() => undefined);
      await change;
      if (current.profile) channel.tell(current.profile.id);
    },
    lost() {
      if (current.state !== 'signed in') return Promise.resolve();
      const { profile } = current;
      // Asked once for all requests that failed together: another tab may have signed in again meanwhile.
      asking ??= changing
        .then(() => api.whoAmI())
        .catch(() => null)
        .then((found) => {
          if (current.state !== 'signed in') return;
          if (found) enter(found);
          else set({ state: 'ended', profile });
        })
        .finally(() => {
          asking = undefined;
        });
      return asking;
    },
  };
  return session;
}
