import { expect, test, vi } from 'vitest';

import type { AuthApi, Profile } from '../../auth.ts';
import type { SessionChannel } from './session-channel.ts';
import { createSession } from './session.ts';

const ada: Profile = { id: 'a', name: 'Ada', email: 'ada@example.com', emailVerified: true };
const bo: Profile = { id: 'b', name: 'Bo', email: 'bo@example.com', emailVerified: true };

/** A server that knows one browser's session, and that browser's tabs. */
function browser() {
  let current: Profile | null = null;
  const tabs: ((profileId: string | null) => void)[] = [];
  const api = {
    whoAmI: vi.fn<AuthApi['whoAmI']>(() => Promise.resolve(current)),
    signIn: ({ email }) => {
      current = email === ada.email ? ada : bo;
      return Promise.resolve(current);
    },
    signUp: () => Promise.reject(new Error('not here')),
    signOut: () => {
      current = null;
      return Promise.resolve();
    },
    changePassword: (): Promise<void> => Promise.resolve(),
  } satisfies AuthApi;
  const openTab = () => {
    let own: ((profileId: string | null) => void) | undefined;
    const channel: SessionChannel = {
      tell: (profileId) => {
        for (const hear of tabs) if (hear !== own) hear(profileId);
      },
      hear: (listener) => {
        own = listener;
        tabs.push(listener);
      },
    };
    return createSession(api, channel);
  };
  return { api, openTab, end: () => (current = null), replace: (profile: Profile) => (current = profile) };
}

const signInAs = ({ email }: Profile) => ({ email, password: 'irrelevant' });

test('a session that ended keeps the person, and goes on when they sign in again', async () => {
  const { openTab, end } = browser();
  const session = openTab();
  await session.signIn(signInAs(ada));
  end();
  await session.lost();
  expect(session.get()).toEqual({ state: 'ended', profile: ada });
  await session.signIn(signInAs(ada));
  expect(session.get()).toEqual({ state: 'signed in', profile: ada });
});

test('a request refused while another tab has signed in again does not end the session', async () => {
  const { openTab } = browser();
  const session = openTab();
  await session.signIn(signInAs(ada));
  await session.lost();
  expect(session.get()).toEqual({ state: 'signed in', profile: ada });
});

test('a session that now belongs to someone else is theirs', async () => {
  const { openTab, replace } = browser();
  const session = openTab();
  await session.signIn(signInAs(ada));
  replace(bo);
  await session.lost();
  expect(session.get()).toEqual({ state: 'signed in', profile: bo });
});

test('many refused requests ask once', async () => {
  const { openTab, end, api } = browser();
  const session = openTab();
  await session.signIn(signInAs(ada));
  end();
  await Promise.all([session.lost(), session.lost(), session.lost()]);
  expect(api.whoAmI).toHaveBeenCalledTimes(1);
});

test('signing out empties every tab, signing in is taken over by the others', async () => {
  const { openTab } = browser();
  const [one, two] = [openTab(), openTab()];
  await one.signIn(signInAs(ada));
  await vi.waitFor(() => expect(two.get()).toEqual({ state: 'signed in', profile: ada }));
  await two.signOut();
  expect(two.get().state).toBe('signed out');
  expect(one.get().state).toBe('signed out');
});

test('a session replaced by a change of password is not lost, in any tab', async () => {
  const { openTab, api, end, replace } = browser();
  const [one, two] = [openTab(), openTab()];
  await one.signIn(signInAs(ada));
  await vi.waitFor(() => expect(two.get().state).toBe('signed in'));
  const answered = Promise.withResolvers<void>();
  api.changePassword = () => answered.promise;

  const changed = one.changePassword({ currentPassword: 'old', newPassword: 'new' });
  end();
  const noticed = one.lost();
  await two.lost();
  expect(two.get().state).toBe('ended');
  replace(ada);
  answered.resolve();
  await Promise.all([changed, noticed]);
  expect(one.get()).toEqual({ state: 'signed in', profile: ada });
  await vi.waitFor(() => expect(two.get()).toEqual({ state: 'signed in', profile: ada }));
});

test('a sign-out that did not reach the server leaves everything as it was', async () => {
  const { openTab, api } = browser();
  const session = openTab();
  await session.signIn(signInAs(ada));
  api.signOut = () => Promise.reject(new Error('offline'));
  await expect(session.signOut()).rejects.toThrow('offline');
  expect(session.get()).toEqual({ state: 'signed in', profile: ada });
});

test('without an answer at the start it is not known who is signed in, and asking again finds out', async () => {
  const { openTab, api } = browser();
  const session = openTab();
  const failure = new Error('offline');
  api.whoAmI.mockRejectedValueOnce(failure);
  await session.load();
  expect(session.get()).toEqual({ state: 'unknown', profile: null, error: failure });
  await session.load();
  expect(session.get().state).toBe('signed out');
});
