import { parseArgs, type ParseArgsConfig } from 'node:util';

import { npmAdvice } from './program.ts';

/** What a command ends with, as shells and scripts see it. */
export const EXIT = { ok: 0, error: 1, usage: 2, denied: 3, interrupted: 130 } as const;

/** The world as a command sees it; tests give their own. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  /** Results, and nothing else. */
  readonly out: (text: string) => void;
  /** What is said about them. */
  readonly err: (text: string) => void;
  /** Whether results go to a terminal that shows colours. */
  readonly isColorful: boolean;
  /** Aborted when the person, or the system, wants the command to end. */
  readonly signal: AbortSignal;
}

/** The command ends here; the message is for whoever typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export type OptionSpecs = NonNullable<ParseArgsConfig['options']>;

/** Every command has these. */
export const COMMON_OPTIONS = {
  url: { type: 'string' },
  token: { type: 'string' },
  team: { type: 'string' },
  json: { type: 'boolean', default: false },
  color: { type: 'boolean' },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies OptionSpecs;

/** Reads a command's options. Throws {@link CommandError} `usage` naming what is there instead. */
export function readOptions<const Specs extends OptionSpecs>(
  command: string,
  args: string[],
  options: Specs,
  env: NodeJS.ProcessEnv,
) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false, allowNegative: true }).values;
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) {
      throw error;
    }
    const positional = 'code' in error && error.code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL';
    const names = Object.keys(options).map((name) => `--${name}`);
    // Node goes on to explain how to pass file names, which no command takes.
    const [what] = error.message.split(/\. (?=To specify)/);
    const message = `${what?.replace(/\.$/, '')}. Options of ${command}: ${names.join(', ')}.${positional ? npmAdvice(env) : ''}`;
    throw new CommandError(EXIT.usage, message, { cause: error });
  }
}

/** The team's number as it was typed. */
export function readTeam(team: string | undefined): number | undefined {
  if (team === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(team)) {
    throw new CommandError(EXIT.usage, `--team is the team's number, as in --team 1, not "${team}".`);
  }
  return Number(team);
}
