import { IconChecklist, IconRoute, IconSitemap, IconUsers, type Icon } from '@tabler/icons-react';

import type { Outputs, Page } from '../../trpc.ts';

export type MyTeam = Outputs['team']['mine'][number];

export interface Place {
  readonly name: string;
  readonly icon: Icon;
  readonly to:
    | '/teams/$teamId/tasks'
    | '/teams/$teamId/instances'
    | '/teams/$teamId/models'
    | '/teams/$teamId/team';
  /** The page a role must open; null: for every member. */
  readonly page: Page | null;
}

/** The places of a team in the order of the navigation. */
export const PLACES: readonly Place[] = [
  { name: 'Tasks', icon: IconChecklist, to: '/teams/$teamId/tasks', page: 'tasks' },
  { name: 'Instances', icon: IconRoute, to: '/teams/$teamId/instances', page: 'instances' },
  { name: 'Models', icon: IconSitemap, to: '/teams/$teamId/models', page: 'models' },
  { name: 'Team', icon: IconUsers, to: '/teams/$teamId/team', page: null },
];

/** What each page opens to those who may, for the form of a role. */
export const PAGE_WORDS = {
  tasks: { name: 'Tasks', text: 'Work on the tasks of one’s roles' },
  instances: { name: 'Instances', text: 'Start processes, follow and correct them' },
  models: { name: 'Models', text: 'Upload models and deploy them' },
  invitations: { name: 'Invitations', text: 'Invite people to the team' },
} as const satisfies Record<Page, { name: string; text: string }>;

export const PAGES = Object.keys(PAGE_WORDS) as Page[];

export function placesOf(team: Pick<MyTeam, 'pages'>): readonly Place[] {
  return PLACES.filter(({ page }) => page === null || team.pages.includes(page));
}

/** Where a team begins: its first open page. */
export function firstPlace(team: Pick<MyTeam, 'pages'>): Place['to'] {
  return placesOf(team)[0]?.to ?? '/teams/$teamId/team';
}
