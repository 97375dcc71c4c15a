import type { AppRouter } from '@processflow/server';
import type { inferRouterOutputs } from '@trpc/server';

import { chooseTeam, createClient, readAddress, toCommandError } from '../client.ts';
import { COMMON_OPTIONS, CommandError, EXIT, type Io, readOptions, readTeam } from '../command.ts';
import { codeOf, reasonOf } from '../doctor/reason.ts';
import { PROGRAM } from '../program.ts';
import { createStyle, safeJson, safeText, type Style, wantsColor } from '../style.ts';

const WHY_HELP = `Usage: ${PROGRAM} why --event <seq> --profile <email> [--team 1] [options]

Says, rule by rule, why somebody did or did not hear an event: ✓ let it through, ✗ did not, ? cannot be told. For owners,
about who belongs to the team, belonged to it, or was invited to it, and as far back as the change log reaches.

  --event <seq>       The event's number: "seq" in what tail prints and in the live inspector.
  --profile <email>   Whom it is about.
  --team <number>     The team; not needed when the token opens one alone.
  --json              The answer as one JSON object, for programs.
  --url <address>     Where ProcessFlow is. Default: PROCESSFLOW_URL, or http://localhost:3000.
  --token <token>     An API token, made on the Team page. Default: PROCESSFLOW_TOKEN, which other people on this
                      machine cannot see.
  --color, --no-color Default: on a terminal, unless NO_COLOR is set.

Exit codes: 0 answered, whatever the answer; 1 no such event, no such person, or another error; 2 not understood;
3 not allowed (the token is wrong or was revoked, or its maker is no owner); 130 stopped with Ctrl-C.
`;

type Explanation = inferRouterOutputs<AppRouter>['realtime']['why'];

/** `processflow why`; resolves with the exit code. */
export async function why(args: string[], io: Io): Promise<number> {
  const values = readOptions(
    'why',
    args,
    { ...COMMON_OPTIONS, event: { type: 'string' }, profile: { type: 'string' } },
    io.env,
  );
  if (values.help) {
    io.out(WHY_HELP);
    return EXIT.ok;
  }
  const seq = readSeq(values.event);
  const email = readEmail(values.profile);
  const wanted = readTeam(values.team);
  const { origin, headers } = readAddress(values, io);
  if (headers === undefined) {
    throw new CommandError(
      EXIT.usage,
      'An API token is needed: an owner makes one on the Team page. Then: export PROCESSFLOW_TOKEN=...',
    );
  }
  const client = createClient({ origin, headers });
  const { signal } = io;
  try {
    const team = chooseTeam(await client.team.mine.query(undefined, { signal }), wanted);
    const told = await client.realtime.why.query({ teamId: team.id, seq, email }, { signal });
    const style = createStyle(wantsColor(values.color, io.env, io.isColorful));
    io.out(values.json ? `${safeJson(told)}\n` : explanationText(told, style));
    return EXIT.ok;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    if (error instanceof CommandError) throw error;
    // The server's own sentence says which of the two it does not know.
    if (codeOf(error) === 'NOT_FOUND') throw new CommandError(EXIT.error, reasonOf(error), { cause: error });
    if (codeOf(error) === 'BAD_REQUEST')
      throw new CommandError(EXIT.usage, reasonOf(error), { cause: error });
    throw toCommandError(error, origin);
  }
}

function readSeq(event: string | undefined): number {
  if (event === undefined) throw new CommandError(EXIT.usage, 'Say which event, as in --event 1042.');
  const seq = Number(event);
  if (/^[1-9]\d*$/.test(event) && Number.isSafeInteger(seq)) return seq;
  throw new CommandError(EXIT.usage, `--event is the event's number, as in --event 1042, not "${event}".`);
}

function readEmail(profile: string | undefined): string {
  const asIn = 'as in --profile cleo@example.com';
  if (profile === undefined) throw new CommandError(EXIT.usage, `Say whom it is about, ${asIn}.`);
  if (profile.includes('@')) return profile;
  throw new CommandError(EXIT.usage, `--profile is an email address, ${asIn}, not "${profile}".`);
}

function explanationText({ event, person, rules, conclusion }: Explanation, style: Style): string {
  const who = person.name === person.email ? person.email : `${person.name} (${person.email})`;
  const lines = [
    style('bold', safeText(`Event ${event.seq}, ${event.channel}, and ${who}`)),
    ...rules.map(({ holds, text }) => `${mark(holds, style)} ${safeText(text)}`),
    style('bold', safeText(conclusion.text)),
  ];
  return `${lines.join('\n')}\n`;
}

function mark(holds: boolean | null, style: Style): string {
  if (holds === null) return style('yellow', '?');
  return holds ? style('green', '✓') : style('red', '✗');
}
