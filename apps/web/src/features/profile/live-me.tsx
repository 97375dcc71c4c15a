import type { ReactNode } from 'react';

import type { Profile } from '../../auth.ts';
import { trpc } from '../../trpc.ts';
import { MeProvider } from '../../ui/me.tsx';

/** The person as the session knows them, and from then on as the server does: an address is verified meanwhile. */
export function LiveMe({ profile, children }: { profile: Profile | null; children: ReactNode }) {
  // In the cache like everything else that a resync fetches again.
  const { data } = trpc.profile.me.useQuery(undefined, {
    enabled: profile !== null,
    ...(profile && { initialData: profile }),
  });
  return <MeProvider me={profile && (data ?? profile)}>{children}</MeProvider>;
}
