// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { act, cleanup, render, screen } from '@testing-library/react';
import { StrictMode, useState } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { App } from './app.tsx';
import type { AuthApi, Profile } from './auth.ts';
import { createSession } from './features/auth/session.ts';
import { useMe } from './ui/me.tsx';

const ada: Profile = { id: 'a', name: 'Ada', email: 'ada@example.com', emailVerified: true };
const bo: Profile = { id: 'b', name: 'Bo', email: 'bo@example.com', emailVerified: true };

/** A stream that never says anything. */
class SilentEventSource extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readonly readyState = 0;
  close() {}
}

beforeEach(() => void vi.stubGlobal('EventSource', SilentEventSource));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** Leaves its name in the cache and in its own state, and shows what it finds in both. */
function Page() {
  const me = useMe();
  const queryClient = useQueryClient();
  const [form, setForm] = useState('');
  const cached = queryClient.getQueryData<string>(['known']);
  return (
    <>
      <p>
        {me?.name ?? 'nobody'}: cache {cached ?? 'empty'}, form {form || 'empty'}
      </p>
      <button
        type="button"
        onClick={() => {
          queryClient.setQueryData(['known'], me?.name);
          setForm(`${me?.name}’s entries`);
        }}
      >
        Fill
      </button>
    </>
  );
}

async function signedInAsAda() {
  let current: Profile | null = ada;
  const api: AuthApi = {
    whoAmI: () => Promise.resolve(current),
    signIn: ({ email }) => Promise.resolve((current = email === ada.email ? ada : bo)),
    signUp: () => Promise.reject(new Error('not here')),
    signOut: () => {
      current = null;
      return Promise.resolve();
    },
    changePassword: () => Promise.resolve(),
  };
  const session = createSession(api, { tell() {}, hear() {} });
  render(
    <StrictMode>
      <MantineProvider env="test">
        <App session={session} version="https://example.com/1">
          <Page />
        </App>
      </MantineProvider>
    </StrictMode>,
  );
  await act(() => session.load());
  act(() => screen.getByRole('button', { name: 'Fill' }).click());
  expect(shown()).toBe('Ada: cache Ada, form Ada’s entries');
  const expire = async () => {
    current = null;
    await act(() => session.lost());
  };
  const signInAs = ({ email }: Profile) => act(() => session.signIn({ email, password: '' }));
  return { session, expire, signInAs };
}

const shown = () => screen.getByText(/: cache/).textContent;

test('signing out clears the caches and the forms', async () => {
  const { session, signInAs } = await signedInAsAda();
  await act(() => session.signOut());
  expect(shown()).toBe('nobody: cache empty, form empty');
  await signInAs(ada);
  expect(shown()).toBe('Ada: cache empty, form empty');
});

test('an ended session keeps both, and so does the same person’s new sign-in', async () => {
  const { expire, signInAs } = await signedInAsAda();
  await expire();
  expect(shown()).toBe('Ada: cache Ada, form Ada’s entries');
  await signInAs(ada);
  expect(shown()).toBe('Ada: cache Ada, form Ada’s entries');
});

test('another person signing in where a session ended finds nothing of the first', async () => {
  const { expire, signInAs } = await signedInAsAda();
  await expire();
  await signInAs(bo);
  expect(shown()).toBe('Bo: cache empty, form empty');
});
