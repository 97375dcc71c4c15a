import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Outlet,
  redirect,
} from '@tanstack/react-router';

import { nextAddress, readNext } from './features/auth/next-address.ts';
import type { Session } from './features/auth/session.ts';
import { SignInPage } from './features/auth/sign-in-page.tsx';
import { SignUpPage } from './features/auth/sign-up-page.tsx';
import { DoctorGate } from './features/doctor/doctor-gate.tsx';
import { InvitationPage } from './features/invitation/invitation-page.tsx';
import { AccountPage } from './features/profile/account-page.tsx';
import { HomePage } from './features/team/home-page.tsx';
import { InstancesGate, ModelsGate, TasksGate } from './features/team/page-gate.tsx';
import { SignedIn } from './features/team/signed-in.tsx';
import { TeamIndex, TeamLayout } from './features/team/team-layout.tsx';
import { TeamPage } from './features/team/team-page.tsx';
import { Crash } from './ui/crash.tsx';
import { NotFound } from './ui/not-found.tsx';

interface RouterContext {
  readonly session: Session;
}

const root = createRootRouteWithContext<RouterContext>()({ component: Outlet });

const front = {
  getParentRoute: () => root,
  validateSearch: readNext,
  beforeLoad: ({ context, search }: { context: RouterContext; search: { next?: string } }) => {
    if (context.session.get().state !== 'signed in') return;
    redirect({ href: nextAddress(search.next), replace: true, throw: true });
  },
} as const;
const signIn = createRoute({ ...front, path: '/sign-in', component: SignInPage });
const signUp = createRoute({ ...front, path: '/sign-up', component: SignUpPage });
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: InvitationPage,
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: ({ context, location }) => {
    if (context.session.get().state !== 'signed out') return;
    redirect({ to: '/sign-in', search: readNext({ next: location.href }), replace: true, throw: true });
  },
  component: SignedIn,
});
const home = createRoute({ getParentRoute: () => signedIn, path: '/', component: HomePage });
const account = createRoute({ getParentRoute: () => signedIn, path: '/account', component: AccountPage });
const doctor = createRoute({ getParentRoute: () => signedIn, path: '/doctor', component: DoctorGate });

const team = createRoute({ getParentRoute: () => signedIn, path: '/teams/$teamId', component: TeamLayout });
const teamIndex = createRoute({ getParentRoute: () => team, path: '/', component: TeamIndex });
const teamPage = createRoute({ getParentRoute: () => team, path: '/team', component: TeamPage });

// The list stays mounted while what is open of it changes: the inner routes only name it in the address.
const list = { getParentRoute: () => team, validateSearch: readFilter } as const;
const tasks = createRoute({ ...list, path: '/tasks', component: TasksGate });
const oneTask = createRoute({ getParentRoute: () => tasks, path: '/$taskId' });
const instances = createRoute({ ...list, path: '/instances', component: InstancesGate });
const oneInstance = createRoute({ getParentRoute: () => instances, path: '/$instanceId' });
const models = createRoute({ ...list, path: '/models', component: ModelsGate });
const oneModel = createRoute({ getParentRoute: () => models, path: '/$modelId' });

const routeTree = root.addChildren([
  signIn,
  signUp,
  invitation,
  signedIn.addChildren([
    home,
    account,
    doctor,
    team.addChildren([
      teamIndex,
      teamPage,
      tasks.addChildren([oneTask]),
      instances.addChildren([oneInstance]),
      models.addChildren([oneModel]),
    ]),
  ]),
]);

/** A list's filter stands in the address; what it may be, the list knows. */
function readFilter({ filter }: Record<string, unknown>): { filter?: string | undefined } {
  return typeof filter === 'string' ? { filter } : {};
}

export function createAppRouter(session: Session) {
  return createRouter({
    routeTree,
    context: { session },
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: Crash,
    // The pages fetch through React Query, which has its own idea of what is fresh.
    defaultPreload: false,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
