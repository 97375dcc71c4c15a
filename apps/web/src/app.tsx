import { createInvalidator, type LiveStore } from '@processflow/events/react';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';

import type { Session } from './features/auth/session.ts';
import { SessionProvider, useSessionState } from './features/auth/use-session.tsx';
import { InspectorProvider } from './features/inspector/inspector-provider.tsx';
import { createTap, type Tap } from './features/inspector/tap.ts';
import { LiveMe } from './features/profile/live-me.tsx';
import { useLiveSession } from './features/realtime/use-live-session.ts';
import { createLive, LiveProvider, rules, type LiveEvent } from './live.ts';
import { clientOptions, createQueryClient, trpc } from './trpc.ts';
import { AnnouncerProvider } from './ui/announcer.tsx';
import { ConfirmProvider } from './ui/confirm.tsx';
import { errorWords } from './ui/error-words.ts';
import { FrontPage } from './ui/front-page.tsx';
import { ShortcutsProvider } from './ui/shortcuts.tsx';
import { ErrorState } from './ui/states.tsx';

interface AppProps {
  readonly session: Session;
  /** The address of the code that this tab runs: tabs of another version have a stream of their own. */
  readonly version: string;
  readonly children: ReactNode;
}

/** Who is signed in decides what is below: their caches, their stream, and the pages as `children`. */
export function App({ session, version, children }: AppProps) {
  return (
    <SessionProvider session={session}>
      <Entrance session={session} version={version}>
        {children}
      </Entrance>
    </SessionProvider>
  );
}

function Entrance({ session, version, children }: AppProps) {
  const { state, profile, error } = useSessionState();

  if (state === 'unknown') {
    if (error === undefined) return null;
    return (
      <FrontPage title="ProcessFlow">
        <ErrorState error={error} retry={session.load} />
      </FrontPage>
    );
  }
  // Whatever one person's screens knew goes with them: caches, forms and the stream begin anew for the next.
  return (
    <Person key={profile?.id ?? 'nobody'} session={session} version={version}>
      {children}
    </Person>
  );
}

function createClients(session: Session, version: string) {
  const tap = createTap<LiveEvent>();
  const live = createLive({ viewer: session.get().profile?.id, version, tap });
  const queryClient = createQueryClient({
    onUnauthorized: () => void session.lost(),
    isLive: () => live.getStatus().state === 'live',
  });
  return { tap, live, queryClient, trpcClient: trpc.createClient(clientOptions()) };
}

function Person({ session, version, children }: AppProps) {
  const { profile } = useSessionState();
  const [{ queryClient, trpcClient, tap, live }] = useState(() => createClients(session, version));
  useLiveSession(live, session);
  useInvalidator({ queryClient, live, tap }, profile !== null);
  useEffect(() => () => queryClient.clear(), [queryClient]);

  return (
    <trpc.Provider client={trpcClient} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <LiveProvider store={live}>
          <LiveMe profile={profile}>
            <AnnouncerProvider>
              <ShortcutsProvider>
                <InspectorProvider tap={tap}>
                  <ConfirmProvider>{children}</ConfirmProvider>
                </InspectorProvider>
              </ShortcutsProvider>
            </AnnouncerProvider>
          </LiveMe>
        </LiveProvider>
      </QueryClientProvider>
    </trpc.Provider>
  );
}

/** A fetch that was refused or got no answer shows on the screen that wanted it; only faults of ours are for the console. */
function report(error: unknown, what: string): void {
  if (errorWords(error).code === 'UNEXPECTED') console.error(what, error);
}

interface Clients {
  readonly queryClient: QueryClient;
  readonly live: LiveStore<LiveEvent>;
  readonly tap: Tap<LiveEvent>;
}

/** Keeps the caches true under events. Opens the stream, for as long as somebody is signed in. */
function useInvalidator({ queryClient, live, tap }: Clients, enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return undefined;
    const invalidator = createInvalidator<LiveEvent>(queryClient, {
      rules,
      onTouched: tap.onTouched,
      onError: report,
    });
    const remove = live.addListener(invalidator);
    return () => {
      remove();
      invalidator.dispose();
    };
  }, [queryClient, live, tap, enabled]);
}
