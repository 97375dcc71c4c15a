// @vitest-environment happy-dom
import { createInvalidator } from '@processflow/events/react';
import { act, render, screen } from '@testing-library/react';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { Profile } from '../../auth.ts';
import { rules, type LiveEvent } from '../../live.ts';
import { createTestQueryClient, TestApp } from '../../testing.tsx';
import { useMe } from '../../ui/me.tsx';
import { LiveMe } from './live-me.tsx';

const cleo: Profile = { id: 'c', name: 'Cleo', email: 'cleo@example.com', emailVerified: false };

function Verified() {
  return useMe()?.emailVerified ? 'verified' : 'not verified';
}

test('an address verified while one is signed in shows at the next resync', async () => {
  const queryClient = createTestQueryClient();
  const me = vi.fn(() => ({ ...cleo, emailVerified: true }));
  const invalidator = createInvalidator<LiveEvent>(queryClient, { rules });
  onTestFinished(() => invalidator.dispose());
  render(
    <TestApp queryClient={queryClient} answers={{ 'profile.me': me }}>
      <LiveMe profile={cleo}>
        <Verified />
      </LiveMe>
    </TestApp>,
  );
  // What the session said is fresh enough: a page does not begin by asking for it again.
  expect(screen.getByText('not verified')).toBeDefined();
  expect(me).not.toHaveBeenCalled();
  await act(() => invalidator.onResync({}));
  await screen.findByText('verified');
});
