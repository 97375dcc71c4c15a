import type { AppRouter } from '@processflow/server';
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { EventSource } from 'eventsource';

import { CommandError, EXIT, type Io } from './command.ts';
import { codeOf, reasonOf } from './doctor/reason.ts';
import { PROGRAM } from './program.ts';

export interface Address {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
}

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Where the server is and what opens it: options first, then the environment. The token is never shown. */
export function readAddress(
  given: { url?: string; token?: string },
  io: Io,
): Partial<Address> & { origin: string } {
  const text = given.url ?? (io.env['PROCESSFLOW_URL'] || 'http://localhost:3000');
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const message = `--url is the address of ProcessFlow, as in https://flow.example.com, not "${text}".`;
    throw new CommandError(EXIT.usage, message);
  }
  const token = given.token ?? (io.env['PROCESSFLOW_TOKEN'] || undefined);
  if (token === undefined) return { origin: url.origin };
  // In a header, anything else would be refused with a message that repeats it.
  if (!/^[\w.~+/=-]+$/.test(token)) {
    throw new CommandError(
      EXIT.usage,
      'The API token has characters that no token has; was it copied whole?',
    );
  }
  if (url.protocol === 'http:' && !LOCAL.has(url.hostname)) {
    io.err(`Warning: ${url.origin} is not encrypted, so the API token can be read on its way.\n`);
  }
  return { origin: url.origin, headers: { authorization: `Bearer ${token}` } };
}

/** The typed client: everything it returns follows from the server's router. */
export function createClient({ origin, headers }: Address) {
  const url = `${origin}/api/trpc`;
  class AuthorizedEventSource extends EventSource {
    constructor(address: string | URL) {
      super(address, {
        fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
      });
    }
  }
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource: AuthorizedEventSource }),
        false: httpLink({ url, headers }),
      }),
    ],
  });
}

export type Client = ReturnType<typeof createClient>;

export interface Team {
  readonly id: number;
  readonly name: string;
}

/** The team that was named, or the only one there is. Throws {@link CommandError} naming those there are. */
export function chooseTeam(teams: readonly Team[], wanted: number | undefined): Team {
  const found = wanted === undefined ? teams[0] : teams.find(({ id }) => id === wanted);
  if (found !== undefined && (wanted !== undefined || teams.length === 1)) return found;
  const available = teams.map(({ id, name }) => `${id} (${name})`).join(', ') || 'none';
  const what =
    wanted === undefined ? 'Say which team, with --team.' : `Team ${wanted} is not open to this token.`;
  throw new CommandError(EXIT.usage, `${what} Open to it: ${available}.`);
}

/** What a failed call means for whoever typed the command. */
export function toCommandError(error: unknown, origin: string): CommandError {
  const code = codeOf(error);
  if (code === 'UNAUTHORIZED' || code === 'FORBIDDEN') {
    return new CommandError(EXIT.denied, `Not allowed: ${reasonOf(error)}`, { cause: error });
  }
  const what = code === undefined ? 'cannot be reached, or is not ProcessFlow' : 'answered with an error';
  const advice =
    code === undefined ? ` Is it running, and is --url right? ${PROGRAM} doctor looks closer.` : '';
  return new CommandError(EXIT.error, `${origin} ${what}: ${reasonOf(error)}.${advice}`, { cause: error });
}
