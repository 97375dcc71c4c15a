import { createRequire } from 'node:module';

import { CommandError, EXIT, type Io } from './command.ts';
import { npmAdvice, PROGRAM } from './program.ts';
import { safeText } from './style.ts';

type Command = (args: string[], io: Io) => Promise<number>;

/** Each is loaded when it is asked for: following a stream needs no database. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  tail: async () => (await import('./tail/command.ts')).tail,
  doctor: async () => (await import('./doctor/command.ts')).doctor,
  why: async () => (await import('./why/command.ts')).why,
};

const HELP = `Usage: ${PROGRAM} <command> [options]

  tail      Shows a team's changes in the terminal as they are committed.
  doctor    Walks from the trigger to the cache with a real event, and names what is broken and its cure.
  why       Says, rule by rule, why somebody did or did not hear an event.

${PROGRAM} <command> --help says more. With pnpm: pnpm processflow <command>. --version says which version this is.
`;

/** The whole program: arguments in, exit code out. Never rejects for what a person can cause. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    io.err(HELP);
    return EXIT.usage;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    io.out(HELP);
    return EXIT.ok;
  }
  if (name === '--version' || name === '-v') {
    const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
    io.out(`${version}\n`);
    return EXIT.ok;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (load === undefined) {
      const message = `There is no command "${name}". Commands: ${Object.keys(COMMANDS).join(', ')}.${npmAdvice(io.env)}`;
      throw new CommandError(EXIT.usage, message);
    }
    const command = await load();
    return await command(rest, io);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    io.err(`${safeText(error.message)}\n`);
    return error.exitCode;
  }
}
