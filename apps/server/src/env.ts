import { z } from 'zod';

import type { StreamLimitSettings } from './realtime/limits.ts';

/** The surroundings are not as they must be; the message says what is and what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

export const SHORTEST_SECRET = 32;

const MOST = 1_000_000;
const YEAR = 366 * 24;
/** One read of the log brings no more. */
const MOST_REPLAYED = 10_000;

const flag = z.enum(['0', '1'], { error: 'is neither 0 nor 1' }).transform((value) => value === '1');

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: 'is not a whole number', abort: true })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: `is not between ${least} and ${most}` });

const secret = z
  .string()
  .min(SHORTEST_SECRET, { error: `is shorter than ${SHORTEST_SECRET} characters` })
  .optional();

const schema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, { error: 'does not begin with postgres:// or postgresql://', abort: true })
    .refine(URL.canParse, {
      error: 'cannot be read: special characters in its user and password must be percent-encoded',
    })
    .optional(),
  DATA_DIR: z.string().default('.data'),
  PORT: whole(0, 65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'is not an http:// or https:// address' }).optional(),
  AUTH_SECRET: secret,
  DEMO: flag.optional(),
  TRUST_PROXY: flag.default(false),
  TRIGGER_CHECK: z.enum(['refuse', 'warn'], { error: 'is neither refuse nor warn' }).default('refuse'),
  STREAMS_PER_VIEWER: whole(1, MOST).default(50),
  STREAMS_PER_ADDRESS: whole(1, MOST).default(500),
  OPENS_PER_VIEWER: whole(1, MOST).default(120),
  OPENS_PER_ADDRESS: whole(1, MOST).default(1_200),
  LOG_HOURS: whole(1, YEAR).default(24),
  LOG_EVENTS: whole(1_000, 1_000_000_000).default(1_000_000),
  REPLAY_LIMIT: whole(1, MOST_REPLAYED).default(1_000),
  METRICS_TOKEN: secret,
});

export interface Settings {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly port: number;
  readonly host: string;
  /** Where browsers reach the app, without a trailing slash, when that is not simply this port. */
  readonly publicUrl: string | undefined;
  readonly authSecret: string | undefined;
  /** Whether an empty database gets the demo; unless said, only an embedded one that nobody reaches from outside. */
  readonly demo: boolean;
  /** Whether a proxy in front tells the client's address, in `X-Forwarded-For`. */
  readonly trustProxy: boolean;
  /** What to do when the database's triggers are not those of the definitions: not serve, or say so and serve. */
  readonly triggerCheck: 'refuse' | 'warn';
  /** What one viewer and one address may ask of the streams. */
  readonly limits: StreamLimitSettings;
  /** How much of the change log is kept: the younger of these hours and these events. */
  readonly keep: { readonly hours: number; readonly events: number };
  /** Events that a stream may be behind, or be told when it comes back; beyond that it starts over. */
  readonly replayLimit: number;
  /** Whoever bears it may read `/metrics`; without one there is no such page. */
  readonly metricsToken: string | undefined;
}

const SECRETS = ['AUTH_SECRET', 'DATABASE_URL', 'METRICS_TOKEN'];
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Reads the environment, the only place that does. Throws {@link SettingsError} naming every fault at once. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      // A secret and the password in a connection string are not for the terminal.
      const shown = SECRETS.includes(name) ? '' : `="${environment[name]}"`;
      return `${name}${shown} ${issue.message}.`;
    });
    throw new SettingsError(faults.join('\n'));
  }
  const env = parsed.data;
  const publicUrl = env.PUBLIC_URL === undefined ? undefined : new URL(env.PUBLIC_URL);
  const isPublic = publicUrl !== undefined && !LOCAL_NAMES.includes(publicUrl.hostname);
  const contradictions = [
    publicUrl !== undefined &&
      publicUrl.href !== `${publicUrl.origin}/` &&
      `PUBLIC_URL="${withoutSignIn(publicUrl)}" says more than scheme, host and port; the app is served at the root of its address.`,
    env.DATABASE_URL !== undefined &&
      given['DATA_DIR'] !== undefined &&
      env.AUTH_SECRET !== undefined &&
      `DATA_DIR="${env.DATA_DIR}" is set, but with DATABASE_URL and AUTH_SECRET given nothing is kept there. Leave one of them out.`,
    env.TRUST_PROXY &&
      env.PUBLIC_URL === undefined &&
      'TRUST_PROXY=1 without PUBLIC_URL: behind a proxy the app must be told the address that browsers see.',
    env.DEMO === true &&
      isPublic &&
      `DEMO=1 would put accounts with a known password at PUBLIC_URL="${env.PUBLIC_URL}". Leave one of them out.`,
    env.METRICS_TOKEN !== undefined &&
      env.METRICS_TOKEN === env.AUTH_SECRET &&
      'METRICS_TOKEN is the same as AUTH_SECRET: whatever reads the metrics could sign session cookies.',
    ...above(env, [
      ['STREAMS_PER_VIEWER', 'STREAMS_PER_ADDRESS', 'nobody could ever have so many from one place'],
      ['OPENS_PER_VIEWER', 'OPENS_PER_ADDRESS', 'nobody could ever open so many from one place'],
      [
        'STREAMS_PER_VIEWER',
        'OPENS_PER_VIEWER',
        'after a restart they could not all come back within a minute',
      ],
      [
        'STREAMS_PER_ADDRESS',
        'OPENS_PER_ADDRESS',
        'after a restart they could not all come back within a minute',
      ],
      ['REPLAY_LIMIT', 'LOG_EVENTS', 'so many are never kept'],
    ]),
  ].filter((line) => line !== false);
  if (contradictions.length > 0) throw new SettingsError(contradictions.join('\n'));

  return {
    databaseUrl: env.DATABASE_URL,
    dataDir: env.DATA_DIR,
    port: env.PORT,
    host: env.HOST,
    publicUrl: publicUrl?.origin,
    authSecret: env.AUTH_SECRET,
    demo: env.DEMO ?? (env.DATABASE_URL === undefined && !isPublic),
    trustProxy: env.TRUST_PROXY,
    triggerCheck: env.TRIGGER_CHECK,
    limits: {
      streamsPerViewer: env.STREAMS_PER_VIEWER,
      streamsPerAddress: env.STREAMS_PER_ADDRESS,
      opensPerViewer: env.OPENS_PER_VIEWER,
      opensPerAddress: env.OPENS_PER_ADDRESS,
    },
    keep: { hours: env.LOG_HOURS, events: env.LOG_EVENTS },
    replayLimit: env.REPLAY_LIMIT,
    metricsToken: env.METRICS_TOKEN,
  };
}

/** Which of these pairs of numbers contradict each other, the first being above the second. */
function above<Name extends string>(
  env: Readonly<Record<Name, number>>,
  pairs: readonly (readonly [Name, Name, string])[],
): string[] {
  return pairs
    .filter(([small, large]) => env[small] > env[large])
    .map(([small, large, why]) => `${small}=${env[small]} is above ${large}=${env[large]}: ${why}.`);
}

function withoutSignIn({ protocol, host, pathname, search, hash }: URL): string {
  return `${protocol}//${host}${pathname}${search}${hash}`;
}
