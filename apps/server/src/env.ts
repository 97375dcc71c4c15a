import { z } from 'zod';

/** The surroundings are not as they must be; the message says what is and what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

export const SHORTEST_SECRET = 32;

const flag = z.enum(['0', '1'], { error: 'is neither 0 nor 1' }).transform((value) => value === '1');

const schema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, { error: 'does not begin with postgres:// or postgresql://', abort: true })
    .refine(URL.canParse, {
      error: 'cannot be read: special characters in its user and password must be percent-encoded',
    })
    .optional(),
  DATA_DIR: z.string().default('.data'),
  PORT: z
    .string()
    .regex(/^\d+$/, { error: 'is not a whole number', abort: true })
    .transform(Number)
    .refine((port) => port <= 65_535, { error: 'is not between 0 and 65535' })
    .default(3000),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'is not an http:// or https:// address' }).optional(),
  AUTH_SECRET: z
    .string()
    .min(SHORTEST_SECRET, { error: `is shorter than ${SHORTEST_SECRET} characters` })
    .optional(),
  DEMO: flag.optional(),
  TRUST_PROXY: flag.default(false),
  TRIGGER_CHECK: z.enum(['refuse', 'warn'], { error: 'is neither refuse nor warn' }).default('refuse'),
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
}

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Reads the environment, the only place that does. Throws {@link SettingsError} naming every fault at once. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      // A secret and the password in a connection string are not for the terminal.
      const shown = name === 'AUTH_SECRET' || name === 'DATABASE_URL' ? '' : `="${environment[name]}"`;
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
  };
}

function withoutSignIn({ protocol, host, pathname, search, hash }: URL): string {
  return `${protocol}//${host}${pathname}${search}${hash}`;
}
