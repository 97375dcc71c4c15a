import { createLiveStore, type LiveSource, trpcSource } from '@processflow/events/react';
import type { AppRouter } from '@processflow/server';
import type { inferRouterInputs } from '@trpc/server';

import { chooseTeam, type Client, createClient, readAddress, toCommandError } from '../client.ts';
import { COMMON_OPTIONS, CommandError, EXIT, type Io, readOptions, readTeam } from '../command.ts';
import { PROBE_CHANNEL } from '../doctor/probe.ts';
import { codeOf, reasonOf } from '../doctor/reason.ts';
import { PROGRAM } from '../program.ts';
import { clockTime, createStyle, safeJson, safeText, wantsColor } from '../style.ts';
import { eventLine } from './line.ts';
import { nearest } from './nearest.ts';

export const TAIL_HELP = `Usage: ${PROGRAM} tail [--team 1] [--channel role_changes ...] [options]

Shows a team's changes as they are committed, one line each, until it is stopped. It connects again by
itself; what changed meanwhile follows then, and where that cannot be told it says what may be missing.

  --team <number>     The team; not needed when the token opens one alone.
  --channel <name>    Only this channel; may be given several times. Default: all,
                      but ${PROBE_CHANNEL}, the doctor's own.
  --json              One JSON object a line, for programs.
  --url <address>     Where ProcessFlow is. Default: PROCESSFLOW_URL, or http://localhost:3000.
  --token <token>     An API token, made on the Team page. Default: PROCESSFLOW_TOKEN, which other people on this
                      machine cannot see.
  --color, --no-color Default: on a terminal, unless NO_COLOR is set.

Events go to standard output, all else to standard error. Exit codes: 1 an error, 2 not understood, 3 not allowed
(the token is wrong or was revoked), 130 stopped with Ctrl-C.
`;

/** What the stream is narrowed to; its position is the live store's. */
type ChangesInput = Omit<
  Exclude<inferRouterInputs<AppRouter>['realtime']['changes'], void | undefined>,
  'lastEventId'
>;
type Channel = NonNullable<ChangesInput['channels']>[number];

/** `processflow tail`; resolves with the exit code. */
export async function tail(args: string[], io: Io): Promise<number> {
  const values = readOptions(
    'tail',
    args,
    {
      ...COMMON_OPTIONS,
      channel: { type: 'string', multiple: true },
    },
    io.env,
  );
  if (values.help) {
    io.out(TAIL_HELP);
    return EXIT.ok;
  }
  const wanted = readTeam(values.team);
  const { origin, headers } = readAddress(values, io);
  if (headers === undefined) {
    throw new CommandError(
      EXIT.usage,
      'An API token is needed: an owner makes one on the Team page. Then: export PROCESSFLOW_TOKEN=...',
    );
  }
  const client = createClient({ origin, headers });
  const teams = await client.team.mine.query(undefined, { signal: io.signal }).catch((error: unknown) => {
    if (io.signal.aborted) return undefined;
    throw toCommandError(error, origin);
  });
  if (teams === undefined) return EXIT.interrupted;
  const team = chooseTeam(teams, wanted);
  // Which channels there are, the server knows; its refusal names them.
  const channels = values.channel?.flatMap((names) => names.split(',')) as Channel[] | undefined;
  const input: ChangesInput = { teamId: team.id, ...(channels && { channels }) };

  const style = createStyle(wantsColor(values.color, io.env, io.isColorful));
  const say = (text: string): void => io.err(`${safeText(text)}\n`);
  const about = `team ${team.id} (${team.name}), ${channels?.join(', ') ?? 'all channels'}`;
  return await follow({
    source: noting(client, input),
    signal: io.signal,
    say,
    about,
    onEvent(event) {
      if (channels === undefined && event.channel === PROBE_CHANNEL) return;
      io.out(`${values.json ? safeJson(event) : eventLine(event, style)}\n`);
    },
  });
}

type TailEvent = ReturnType<typeof sourceOf> extends LiveSource<infer Event> ? Event : never;

function sourceOf(client: Client) {
  return trpcSource(client.realtime.changes);
}

/** The subscription as a source that remembers its last error: the live store tells only the sentence. */
function noting(client: Client, input: ChangesInput): Source {
  const source = sourceOf(client);
  let last: unknown;
  return {
    lastError: () => last,
    open: (position, handlers) =>
      source.open(
        { ...input, ...position },
        {
          ...handlers,
          onError(error) {
            last = error;
            handlers.onError(error);
          },
        },
      ),
  };
}

interface Source extends LiveSource<TailEvent> {
  readonly lastError: () => unknown;
}

interface FollowOptions {
  readonly source: Source;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
  readonly about: string;
  readonly onEvent: (event: TailEvent) => void;
}

/** Hands on events until it is stopped, or the server ends it for good. */
async function follow({ source, signal, say, about, onEvent }: FollowOptions): Promise<number> {
  const store = createLiveStore<TailEvent>({
    source,
    onError: (error, what) => say(`${what}: ${String(error)}`),
  });
  const ended = Promise.withResolvers<number>();
  const stop = (): void => ended.resolve(EXIT.interrupted);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  const sayWhen = (text: string): void => say(`${clockTime(new Date())} ${text}`);
  let wasLive = false;
  let lostAt: Date | undefined;
  let resumed = false;
  /** Why not everything follows that was missed. */
  let startsOver: string | undefined;
  const unsubscribe = store.subscribeStatus(() => {
    const { state, reason } = store.getStatus();
    if (state === 'live') {
      if (!wasLive) say(`Listening to ${about}.`);
      else if (lostAt !== undefined) {
        const missed =
          resumed && startsOver === undefined
            ? 'What was missed follows.'
            : `What changed since ${clockTime(lostAt)} may be missing${startsOver === undefined ? '' : ` (${startsOver})`}.`;
        sayWhen(`Connected again. ${missed}`);
      }
      wasLive = true;
      lostAt = undefined;
    } else if (
      wasLive &&
      lostAt === undefined &&
      (state === 'connecting' || state === 'paused' || state === 'offline')
    ) {
      lostAt = new Date();
      resumed = false;
      startsOver = undefined;
      sayWhen(`${reason} ...`);
    }
  });
  const remove = store.addListener({
    onEvent,
    onResumed() {
      resumed = true;
    },
    onResync: ({ reason, channels }) => {
      if (reason === 'opened') return;
      // Said together with the connection's being back.
      if (lostAt !== undefined && channels === undefined) {
        startsOver = reason;
        return;
      }
      sayWhen(
        `Some changes${channels === undefined ? '' : ` on ${channels.join(', ')}`} may be missing (${reason}).`,
      );
    },
    onEnd: (reason) => {
      const error = source.lastError();
      const code = codeOf(error);
      // The store speaks of a session; here it is a token, and the server says what became of it.
      say(code === 'UNAUTHORIZED' ? reasonOf(error) : withGuess(reason));
      const isDenied = code === 'UNAUTHORIZED' || code === 'FORBIDDEN';
      ended.resolve(isDenied ? EXIT.denied : code === 'BAD_REQUEST' ? EXIT.usage : EXIT.error);
    },
  });
  try {
    return await ended.promise;
  } finally {
    signal.removeEventListener('abort', stop);
    unsubscribe();
    remove();
    store.close();
  }
}

/** With the channel that was probably meant, where the server refused one and named those there are. */
function withGuess(refusal: string): string {
  const [, typed, names] = /Channel "([^"]*)" is not defined\. Defined: ([\w, ]+)\./.exec(refusal) ?? [];
  const meant = typed === undefined ? undefined : nearest(typed, names?.split(', ') ?? []);
  return meant === undefined ? refusal : `${refusal} Did you mean ${meant}?`;
}
