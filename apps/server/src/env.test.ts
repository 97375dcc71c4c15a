import { expect, test } from 'vitest';

import { readSettings, SettingsError } from './env.ts';

const SECRET = 'hush-hush, this is for nobody to see';
const OTHER_SECRET = 'hush-hush, this is for Prometheus to see';

/** The message of the refusal; it must be one, and must not tell what is secret. */
function refusal(environment: Record<string, string>): string {
  let thrown: unknown;
  try {
    readSettings(environment);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SettingsError);
  const { message } = thrown as SettingsError;
  expect(message).not.toContain('hush');
  return message;
}

test('nothing need be set', () => {
  const defaults = {
    databaseUrl: undefined,
    dataDir: '.data',
    port: 3000,
    host: '127.0.0.1',
    publicUrl: undefined,
    authSecret: undefined,
    demo: true,
    trustProxy: false,
    triggerCheck: 'refuse',
    limits: { streamsPerViewer: 50, streamsPerAddress: 500, opensPerViewer: 120, opensPerAddress: 1_200 },
    keep: { hours: 24, events: 1_000_000 },
    replayLimit: 1_000,
    metricsToken: undefined,
  };
  expect(readSettings({})).toEqual(defaults);
  // As `PORT= npm start` and empty lines of an .env file have it.
  expect(
    readSettings({
      DATABASE_URL: '',
      DATA_DIR: '',
      PORT: '',
      HOST: '',
      PUBLIC_URL: '',
      AUTH_SECRET: '',
      DEMO: '',
      TRUST_PROXY: '',
      TRIGGER_CHECK: '',
      STREAMS_PER_VIEWER: '',
      LOG_HOURS: '',
      METRICS_TOKEN: '',
    }),
  ).toEqual(defaults);
});

test('everything that is set is taken, and the rest of the environment is left alone', () => {
  expect(
    readSettings({
      DATABASE_URL: 'postgresql://me:p%40ss@db.example.com/flow?sslmode=require',
      PORT: '8080',
      HOST: '0.0.0.0',
      PUBLIC_URL: 'https://flow.example.com/',
      AUTH_SECRET: SECRET,
      DEMO: '0',
      TRUST_PROXY: '1',
      TRIGGER_CHECK: 'warn',
      STREAMS_PER_VIEWER: '5',
      STREAMS_PER_ADDRESS: '6',
      OPENS_PER_VIEWER: '7',
      OPENS_PER_ADDRESS: '8',
      LOG_HOURS: '48',
      LOG_EVENTS: '5000',
      REPLAY_LIMIT: '100',
      METRICS_TOKEN: OTHER_SECRET,
      HOME: '/somewhere',
    }),
  ).toEqual({
    databaseUrl: 'postgresql://me:p%40ss@db.example.com/flow?sslmode=require',
    dataDir: '.data',
    port: 8080,
    host: '0.0.0.0',
    publicUrl: 'https://flow.example.com',
    authSecret: SECRET,
    demo: false,
    trustProxy: true,
    triggerCheck: 'warn',
    limits: { streamsPerViewer: 5, streamsPerAddress: 6, opensPerViewer: 7, opensPerAddress: 8 },
    keep: { hours: 48, events: 5_000 },
    replayLimit: 100,
    metricsToken: OTHER_SECRET,
  });
  expect(readSettings({ DATA_DIR: '/var/lib/flow', PORT: '0' })).toMatchObject({
    dataDir: '/var/lib/flow',
    port: 0,
  });
  expect(readSettings({ DATABASE_URL: 'postgres:///flow?host=/run/postgresql' })).toMatchObject({
    databaseUrl: 'postgres:///flow?host=/run/postgresql',
  });
});

test.each([
  [{ PORT: '80a' }, 'PORT="80a" is not a whole number.'],
  [{ PORT: '3000.5' }, 'PORT="3000.5" is not a whole number.'],
  [{ PORT: ' ' }, 'PORT=" " is not a whole number.'],
  [{ PORT: '-1' }, 'PORT="-1" is not a whole number.'],
  [{ PORT: '65536' }, 'PORT="65536" is not between 0 and 65535.'],
  [{ STREAMS_PER_VIEWER: '0' }, 'STREAMS_PER_VIEWER="0" is not between 1 and 1000000.'],
  [{ OPENS_PER_ADDRESS: 'many' }, 'OPENS_PER_ADDRESS="many" is not a whole number.'],
  [{ LOG_HOURS: '0.5' }, 'LOG_HOURS="0.5" is not a whole number.'],
  [{ LOG_HOURS: '9999' }, 'LOG_HOURS="9999" is not between 1 and 8784.'],
  [{ LOG_EVENTS: '10' }, 'LOG_EVENTS="10" is not between 1000 and 1000000000.'],
  [{ METRICS_TOKEN: 'hush' }, 'METRICS_TOKEN is shorter than 32 characters.'],
  [{ DEMO: 'yes' }, 'DEMO="yes" is neither 0 nor 1.'],
  [{ TRUST_PROXY: 'true' }, 'TRUST_PROXY="true" is neither 0 nor 1.'],
  [{ TRIGGER_CHECK: 'no' }, 'TRIGGER_CHECK="no" is neither refuse nor warn.'],
  [
    { PUBLIC_URL: 'flow.example.com' },
    'PUBLIC_URL="flow.example.com" is not an http:// or https:// address.',
  ],
  [
    { PUBLIC_URL: 'ftp://example.com' },
    'PUBLIC_URL="ftp://example.com" is not an http:// or https:// address.',
  ],
  [{ AUTH_SECRET: 'hush' }, 'AUTH_SECRET is shorter than 32 characters.'],
  [
    { DATABASE_URL: 'mysql://me:hush@localhost/flow' },
    'DATABASE_URL does not begin with postgres:// or postgresql://.',
  ],
  [
    { DATABASE_URL: 'postgres://me:hush#1@localhost/flow' },
    'DATABASE_URL cannot be read: special characters in its user and password must be percent-encoded.',
  ],
])('a fault is named with its value: %j', (environment, message) => {
  expect(refusal(environment)).toBe(message);
});

test('all faults are told at once, a line each', () => {
  expect(refusal({ PORT: 'x', DEMO: '2', AUTH_SECRET: 'hush' }).split('\n')).toEqual([
    'PORT="x" is not a whole number.',
    'AUTH_SECRET is shorter than 32 characters.',
    'DEMO="2" is neither 0 nor 1.',
  ]);
});

test('a PUBLIC_URL with a path is refused: the app is served at the root', () => {
  for (const rest of ['/flow', '/?a=1', '/#here']) {
    expect(refusal({ PUBLIC_URL: `https://example.com${rest}` })).toBe(
      `PUBLIC_URL="https://example.com${rest}" says more than scheme, host and port; the app is served at the root of its address.`,
    );
  }
  expect(refusal({ PUBLIC_URL: 'https://me:hush@example.com' })).toContain(
    'PUBLIC_URL="https://example.com/"',
  );
});

test('a DATA_DIR in which nothing would be kept is refused', () => {
  const both = { DATABASE_URL: 'postgres://me:hush@localhost/flow', AUTH_SECRET: SECRET };
  expect(refusal({ ...both, DATA_DIR: '/data' })).toContain('DATA_DIR="/data" is set, but with DATABASE_URL');
  expect(readSettings({ ...both, DATA_DIR: '' })).toMatchObject({ dataDir: '.data' });
  // With either alone the other is kept there.
  for (const [name, value] of Object.entries(both)) {
    expect(readSettings({ [name]: value, DATA_DIR: '/data' })).toMatchObject({ dataDir: '/data' });
  }
});

test('a proxy in front without the address that browsers see is refused', () => {
  expect(refusal({ TRUST_PROXY: '1' })).toContain('TRUST_PROXY=1 without PUBLIC_URL');
  expect(readSettings({ TRUST_PROXY: '0' })).toMatchObject({ trustProxy: false });
});

test("the demo's known passwords do not come to an address of the world", () => {
  expect(refusal({ DEMO: '1', PUBLIC_URL: 'https://flow.example.com' })).toContain(
    'DEMO=1 would put accounts with a known password at PUBLIC_URL="https://flow.example.com"',
  );
  expect(readSettings({ PUBLIC_URL: 'https://flow.example.com' }).demo).toBe(false);
  for (const PUBLIC_URL of ['http://localhost:4000', 'http://127.0.0.1', 'http://[::1]:4000']) {
    expect(readSettings({ PUBLIC_URL }).demo).toBe(true);
    expect(readSettings({ PUBLIC_URL, DEMO: '1' }).demo).toBe(true);
  }
});

test('a database of somebody else gets the demo only when that is asked for', () => {
  const DATABASE_URL = 'postgres://me@localhost/flow';
  expect(readSettings({ DATABASE_URL }).demo).toBe(false);
  expect(readSettings({ DATABASE_URL, DEMO: '1' }).demo).toBe(true);
  expect(readSettings({ DEMO: '0' }).demo).toBe(false);
});

test.each([
  [
    { STREAMS_PER_VIEWER: '20', STREAMS_PER_ADDRESS: '10' },
    'STREAMS_PER_VIEWER=20 is above STREAMS_PER_ADDRESS=10: nobody could ever have so many from one place.',
  ],
  [
    { OPENS_PER_VIEWER: '2000' },
    'OPENS_PER_VIEWER=2000 is above OPENS_PER_ADDRESS=1200: nobody could ever open so many from one place.',
  ],
  [
    { STREAMS_PER_VIEWER: '121' },
    'STREAMS_PER_VIEWER=121 is above OPENS_PER_VIEWER=120: after a restart they could not all come back within a minute.',
  ],
  [
    { STREAMS_PER_ADDRESS: '1201' },
    'STREAMS_PER_ADDRESS=1201 is above OPENS_PER_ADDRESS=1200: after a restart they could not all come back within a minute.',
  ],
  [
    { REPLAY_LIMIT: '2000', LOG_EVENTS: '1999' },
    'REPLAY_LIMIT=2000 is above LOG_EVENTS=1999: so many are never kept.',
  ],
  [
    { METRICS_TOKEN: SECRET, AUTH_SECRET: SECRET },
    'METRICS_TOKEN is the same as AUTH_SECRET: whatever reads the metrics could sign session cookies.',
  ],
])('limits that contradict each other are refused with both values: %j', (environment, message) => {
  expect(refusal(environment)).toBe(message);
});

test('contradictions are told together', () => {
  const lines = refusal({
    TRUST_PROXY: '1',
    DATABASE_URL: 'postgres://h/f',
    AUTH_SECRET: SECRET,
    DATA_DIR: 'd',
  });
  expect(lines.split('\n')).toHaveLength(2);
});
