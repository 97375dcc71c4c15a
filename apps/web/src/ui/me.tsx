import { createContext, useContext, type ReactNode } from 'react';

import type { Profile } from '../auth.ts';

const MeContext = createContext<Profile | null>(null);

export function MeProvider({ me, children }: { me: Profile | null; children: ReactNode }) {
  return <MeContext value={me}>{children}</MeContext>;
}

/** The person who is signed in; still known while a session has ended and the screen waits for a new sign-in. */
export function useMe(): Profile | null {
  return useContext(MeContext);
}
