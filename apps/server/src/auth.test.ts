import { testDatabase } from '@processflow/db/testing';
import { getMigrations } from 'better-auth/db/migration';
import { expect, test, vi } from 'vitest';

import { type Auth, authOptions, CLIENT_ADDRESS_HEADER, createAuth } from './auth.ts';
import { readSession } from './context.ts';
import { SOMETHING_WENT_WRONG } from './refusal.ts';
import { testServices } from './testing.ts';

const ada = { name: 'Ada', email: 'Ada@Example.com', password: 'correct horse' };
const settings = { secret: 'a secret of no worth, for tests alone', baseUrl: 'http://localhost:3000' };

test('better-auth finds its tables as our migrations make them', async () => {
  await using database = await testDatabase();
  const options = authOptions({ db: database.db, ...settings });
  const { toBeCreated, toBeAdded, toBeAddedIndexes, schemaProblems, unsafeChanges } =
    await getMigrations(options);
  expect([toBeCreated, toBeAdded, toBeAddedIndexes, schemaProblems, unsafeChanges]).toEqual([
    [],
    [],
    [],
    [],
    [],
  ]);
});

test('signing up gives an unverified person with a session', async () => {
  await using database = await testDatabase();
  const { auth, cookie } = await signUp(database);
  const { signedIn: session } = await readSession(auth, new Headers({ cookie }));
  expect(session?.profile).toMatchObject({ name: 'Ada', email: 'ada@example.com', emailVerified: false });
  const week = 7 * 24 * 60 * 60 * 1000;
  expect(Math.abs(session!.session!.expiresAt.getTime() - Date.now() - week)).toBeLessThan(60_000);
});

test('a session of yesterday is extended, and the browser is told', async () => {
  await using database = await testDatabase();
  const { auth, cookie } = await signUp(database);
  expect((await readSession(auth, new Headers({ cookie }))).setCookies).toEqual([]);
  await database.pool.query(`update session set expires_at = expires_at - interval '25 hours'`);
  const { signedIn: session, setCookies } = await readSession(auth, new Headers({ cookie }));
  expect(session).not.toBeNull();
  expect(setCookies.join()).toContain('processflow.session_token');
});

test('a session that is gone in the database is gone at once', async () => {
  await using database = await testDatabase();
  const { auth, cookie } = await signUp(database);
  await database.pool.query('delete from session');
  expect((await readSession(auth, new Headers({ cookie }))).signedIn).toBeNull();
});

test('a cookie that somebody made up is nobody', async () => {
  await using database = await testDatabase();
  const { auth, cookie } = await signUp(database);
  for (const forged of [cookie.replace(/=./u, '=X'), 'processflow.session_token=abc', 'other=1']) {
    expect((await readSession(auth, new Headers({ cookie: forged }))).signedIn).toBeNull();
  }
});

test('an address signs in whatever its case, and signs up once', async () => {
  await using database = await testDatabase();
  const { auth } = await signUp(database);
  const signedIn = await auth.api.signInEmail({ body: { ...ada, email: 'ADA@example.COM' } });
  expect(signedIn.user.email).toBe('ada@example.com');
  await expect(auth.api.signUpEmail({ body: { ...ada, email: 'aDa@example.com' } })).rejects.toThrow(
    'already exists',
  );
});

test('a short password is refused', async () => {
  await using database = await testDatabase();
  const { auth } = testServices(database.db);
  await expect(auth.api.signUpEmail({ body: { ...ada, password: '1234567' } })).rejects.toThrow('too short');
});

test('a name is one line that people can read', async () => {
  await using database = await testDatabase();
  const { auth, cookie } = await signUp(database);
  const headers = new Headers({ cookie });
  for (const name of [' ', 'a\nb', 'x'.repeat(101)]) {
    const email = 'bo@example.com';
    await expect(auth.api.signUpEmail({ body: { ...ada, email, name } })).rejects.toThrow('name');
    await expect(auth.api.updateUser({ headers, body: { name } })).rejects.toThrow('name');
  }
  await auth.api.updateUser({ headers, body: { name: ' Ada L. ' } });
  expect((await readSession(auth, headers)).signedIn?.profile.name).toBe('Ada L.');
});

test('changing the password ends the other sessions when asked to', async () => {
  await using database = await testDatabase();
  const { auth, cookie } = await signUp(database);
  await auth.api.signInEmail({ body: ada });
  const sessions = () => database.db.selectFrom('session').select('id').execute();
  expect(await sessions()).toHaveLength(2);
  await auth.api.changePassword({
    headers: new Headers({ cookie }),
    body: { currentPassword: ada.password, newPassword: 'another horse', revokeOtherSessions: true },
  });
  expect(await sessions()).toHaveLength(1);
  await expect(auth.api.signInEmail({ body: ada })).rejects.toThrow('Invalid email or password');
});

test('signing in is limited by address', async () => {
  await using database = await testDatabase();
  const auth = createAuth({ db: database.db, ...settings });
  // Refused before the password is looked at, which takes its time.
  const notAnAddress = { ...ada, email: 'no address' };
  const attempt = (address: string) =>
    post(auth, notAnAddress, { [CLIENT_ADDRESS_HEADER]: address, 'x-forwarded-for': '203.0.113.1' });

  const statuses: number[] = [];
  for (let count = 0; count < 61; count++) statuses.push((await attempt('198.51.100.7')).status);
  expect(statuses).toEqual([...Array(60).fill(400), 429]);
  expect((await attempt('198.51.100.8')).status).toBe(400);
});

test('an origin that is not ours is refused', async () => {
  await using database = await testDatabase();
  const onLog = vi.fn<(level: string, message: string) => void>();
  const auth = createAuth({ db: database.db, ...settings, onLog });
  const response = await post(auth, ada, { origin: 'https://evil.example', cookie: 'a=b' });
  expect(response.status).toBe(403);
  expect(onLog).toHaveBeenCalledExactlyOnceWith('error', 'Invalid origin: https://evil.example');
});

test('what is reported carries no credentials, and refused sign-ins are not reported', async () => {
  await using database = await testDatabase();
  const onLog = vi.fn<(level: string, message: string) => void>();
  const auth = createAuth({ db: database.db, ...settings, onLog });
  await auth.api.signUpEmail({ body: ada });
  expect((await post(auth, { ...ada, password: 'wrong password' })).status).toBe(401);
  expect(onLog).not.toHaveBeenCalled();

  await database.pool.query('alter table session add constraint broken check (token is null) not valid');
  const response = await post(auth, ada);
  expect([response.status, await response.json()]).toEqual([500, { message: SOMETHING_WENT_WRONG }]);
  expect(onLog.mock.calls).toEqual([
    ['error', expect.stringMatching(/violates check constraint "broken"$/u)],
  ]);
});

test('a picture is not taken, nor anything else but a name', async () => {
  await using database = await testDatabase();
  const { auth, cookie } = await signUp(database);
  const profiles = () => database.db.selectFrom('profile').selectAll().execute();
  const before = await profiles();
  const headers = { cookie, origin: settings.baseUrl };
  const image = 'data:image/png;base64,AAAA';
  for (const body of [
    { image },
    { name: 'Eve', image },
    { emailVerified: true },
    { email: 'eve@example.com' },
    {},
  ]) {
    expect((await request(auth, '/update-user', body, headers)).status).toBe(400);
  }
  const eve = { ...ada, email: 'eve@example.com' };
  expect((await request(auth, '/sign-up/email', { ...eve, image })).status).toBe(400);
  expect(await profiles()).toEqual(before);
  expect((await request(auth, '/update-user', { name: 'Ada L.' }, headers)).status).toBe(200);
  await request(auth, '/sign-up/email', { ...eve, emailVerified: true });
  expect(await profiles()).toMatchObject([{ name: 'Ada L.' }, { email: eve.email, email_verified: false }]);
});

test('what is not set up is not there, and people’s mistakes are not reported', async () => {
  await using database = await testDatabase();
  const onLog = vi.fn<(level: string, message: string) => void>();
  const { cookie } = await signUp(database);
  const auth = createAuth({ db: database.db, ...settings, onLog });
  const headers = { cookie, origin: settings.baseUrl };
  const { password } = ada;
  const attempts: [status: number, path: string, body: object][] = [
    [404, '/sign-in/social', { provider: 'github' }],
    [404, '/request-password-reset', { email: ada.email }],
    [404, '/delete-user', {}],
    [404, '/change-email', { newEmail: 'eve@example.com' }],
    [404, '/send-verification-email', { email: ada.email }],
    [404, '/sign-in/../delete-user', {}],
    [404, '/delete-user/', {}],
    [404, '/nothing', {}],
    [401, '/sign-in/email', { email: 'nobody@example.com', password }],
    [400, '/sign-in/email', { email: 'no address', password }],
    [400, '/sign-in/email', { email: [], password: {} }],
    [422, '/sign-up/email', ada],
    [400, '/sign-up/email', { name: 'Eve', email: 'eve@example.com', password: 'x'.repeat(1000) }],
    [400, '/change-password', { currentPassword: 'wrong password', newPassword: 'another horse' }],
    [400, '/update-user', { name: 'a\nb' }],
  ];
  const statuses: number[] = [];
  for (const [, path, body] of attempts) statuses.push((await request(auth, path, body, headers)).status);
  expect(statuses).toEqual(attempts.map(([status]) => status));
  expect(onLog).not.toHaveBeenCalled();
});

/** Signs in over HTTP, as browsers and scripts do. */
function post(
  auth: Auth,
  { email, password }: typeof ada,
  headers: Record<string, string> = {},
): Promise<Response> {
  return request(auth, '/sign-in/email', { email, password }, headers);
}

function request(
  auth: Auth,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return auth.handler(
    new Request(`http://localhost:3000/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }),
  );
}

async function signUp(database: Awaited<ReturnType<typeof testDatabase>>) {
  const { auth } = testServices(database.db);
  const { headers } = await auth.api.signUpEmail({ body: ada, returnHeaders: true });
  const cookie = headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  return { auth, cookie };
}
