import { findNchan } from './nginx.ts';

interface Server {
  readonly name: string;
  readonly program: URL;
  readonly isInstalled: () => boolean;
}

const always = (): boolean => true;

export const SERVERS = {
  trpc: {
    name: "tRPC's documented way",
    program: new URL('./server-trpc.ts', import.meta.url),
    isInstalled: always,
  },
  ours: { name: 'ours', program: new URL('./server-ours.ts', import.meta.url), isInstalled: always },
  bare: {
    name: 'bare node:http loop',
    program: new URL('./server-bare.ts', import.meta.url),
    isInstalled: always,
  },
  nchan: {
    name: 'nginx + Nchan',
    program: new URL('./server-nchan.ts', import.meta.url),
    isInstalled: () => findNchan() !== undefined,
  },
} satisfies Record<string, Server>;

export type ServerName = keyof typeof SERVERS;

export const SERVER_NAMES = Object.keys(SERVERS) as ServerName[];

/** All that there are here, or those of a list with commas. */
export function chooseServers(list?: string): ServerName[] {
  const asked = list?.split(',') ?? SERVER_NAMES.filter((name) => SERVERS[name].isInstalled());
  return asked.map((name) => {
    const known = SERVER_NAMES.find((one) => one === name);
    if (known === undefined) {
      throw new Error(`There is no server "${name}". There are: ${SERVER_NAMES.join(', ')}`);
    }
    if (!SERVERS[known].isInstalled()) throw new Error(`${SERVERS[known].name} is not installed`);
    return known;
  });
}
