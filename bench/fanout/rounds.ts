import { type Idle, measureIdle } from './idle.ts';
import { Search, type SearchOptions } from './search.ts';
import type { ServerName } from './servers.ts';
import { measureRate, type Trial, type TrialOptions } from './trial.ts';

export interface Settings {
  /** All subscribers in one team. */
  readonly oneTeam: TrialOptions & SearchOptions;
  /** Many teams with few subscribers each. */
  readonly manyTeams: TrialOptions & SearchOptions;
  readonly idle: TrialOptions;
}

export interface Measured {
  readonly servers: readonly ServerName[];
  readonly oneTeam: ByServer<Trial[]>;
  readonly manyTeams: ByServer<Trial[]>;
  readonly idle: ByServer<Idle>;
}

export type ByServer<T> = { readonly [Name in ServerName]?: T };

/** Told what was just measured. */
export type OnMeasured = (server: ServerName, measured: Trial | Idle) => void;

export async function measureAll(
  servers: readonly ServerName[],
  settings: Settings,
  onMeasured: OnMeasured = () => {},
): Promise<Measured> {
  const oneTeam = await searchAll(servers, settings.oneTeam, onMeasured);
  const manyTeams = await searchAll(servers, settings.manyTeams, onMeasured);
  const idle: Partial<Record<ServerName, Idle>> = {};
  for (const server of servers) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
    idle[server] = await measureIdle(server, settings.idle);
    onMeasured(server, idle[server]);
  }
  return { servers, oneTeam, manyTeams, idle };
}

/** The servers take turns, so that what the machine does besides befalls all of them. */
async function searchAll(
  servers: readonly ServerName[],
  options: TrialOptions & SearchOptions,
  onMeasured: OnMeasured,
): Promise<ByServer<Trial[]>> {
  const trials: Partial<Record<ServerName, Trial[]>> = {};
  let searches = servers.map((server) => ({ server, search: new Search(options) }));
  while (searches.length > 0) {
    for (const { server, search } of searches) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
      const trial = await measureRate(server, search.next()!, options);
      search.tell(trial.sustained);
      (trials[server] ??= []).push(trial);
      onMeasured(server, trial);
    }
    searches = searches.filter(({ search }) => search.next() !== undefined);
  }
  return trials;
}
