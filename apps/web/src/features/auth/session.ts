import type { AuthApi, Profile } from '../../auth.ts';

export type SessionState =
  /** Nobody has asked yet. */
  | { readonly state: 'unknown'; readonly profile: null }
  | { readonly state: 'signed out'; readonly profile: null }
  | { readonly state: 'signed in'; readonly profile: Profile }
  /** The session ended under someone's hands: the screen stays, and waits for them to sign in again. */
  | { readonly state: 'ended'; readonly profile: Profile };

/** What one tab tells the others: who is signed in in this browser, null for nobody. Never a credential. */
type Message = { readonly profileId: string | null };

export interface SessionChannel {
  postMessage(message: Message): void;
  onmessage: ((event: MessageEvent<Message>) => void) | null;
}

export interface Session {
  get(): SessionState;
  subscribe(listener: () => void): () => void;
  /** Asks the server who is signed in. */
  load(): Promise<SessionState>;
  signIn(input: Parameters<AuthApi['signIn']>[0]): Promise<void>;
  signUp(input: Parameters<AuthApi['signUp']>[0]): Promise<void>;
  signOut(): Promise<void>;
  changePassword: AuthApi['changePassword'];
  /** The server no longer knows this session (it answered UNAUTHORIZED, or ended the stream). */
  lost(): Promise<void>;
}

/** Who is signed in, in this tab and in step with the browser's other tabs. */
export function createSession(api: AuthApi, channel: SessionChannel | null): Session {
  const listeners = new Set<() => void>();
  let current: SessionState = { state: 'unknown', profile: null };
  let asking: Promise<void> | undefined;

  function set(next: SessionState): void {
    current = next;
    for (const listener of [...listeners]) listener();
  }

  function enter(profile: Profile | null): void {
    if (profile) set({ state: 'signed in', profile });
    else set({ state: 'signed out', profile: null });
  }

  function tell(profile: Profile | null): void {
    channel?.postMessage({ profileId: profile?.id ?? null });
  }

  async function arrive(arriving: Promise<Profile>): Promise<void> {
    const profile = await arriving;
    enter(profile);
    tell(profile);
  }

  if (channel) {
    channel.onmessage = ({ data }) => {
      // Signing out on purpose empties every tab; signing in is taken over once the server confirms who it is.
      if (data.profileId === null) enter(null);
      else if (current.state !== 'signed in' || current.profile.id !== data.profileId) void session.load();
    };
  }

  const session: Session = {
    get: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async load() {
      enter(await api.whoAmI());
      return current;
    },
    signIn: (input) => arrive(api.signIn(input)),
    signUp: (input) => arrive(api.signUp(input)),
    async signOut() {
      await api.signOut();
      enter(null);
      tell(null);
    },
    changePassword: api.changePassword,
    lost() {
      if (current.state !== 'signed in') return Promise.resolve();
      const { profile } = current;
      // Asked once for all requests that failed together: another tab may have signed in again meanwhile.
      asking ??= api
        .whoAmI()
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
