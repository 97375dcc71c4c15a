import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { testDatabase, type TestDatabase } from '../../../db/testing.ts';
import type { AppEvent } from './docs-prelude.test-d.ts';
import {
  type ChannelDefinition,
  contractOf,
  defineChannels,
  EVENTS_ERROR_CODES,
  EventsError,
  type EventsErrorCode,
} from './index.ts';
import {
  createChangeEvents,
  createChangeTriggers,
  createDecoder,
  listenForChanges,
  migrationSource,
} from './postgres/index.ts';
import { startPump } from './postgres/pump.ts';
import { createRealtime } from './react/index.ts';
import { createHub, topicAccess } from './server/index.ts';
import { packageFolder } from './testing-helpers/doc-examples.ts';
import { fakeStream, listenInTest } from './testing.ts';

const PAGE = join(packageFolder, 'docs/errors.md');
const BLOCK = /```text\n([\s\S]*?)```/;
let page = readFileSync(PAGE, 'utf8');

const role = { table: 'role', columns: ['id', 'team_id', 'name'], audience: ['team:{team_id}'] } as const;
const channels = { role_changes: role };
/** As JavaScript would call it, without the compiler. */
const define = (definitions: Record<string, ChannelDefinition>) =>
  defineChannels<unknown>()(definitions as never);
const decode = (payload: object | string, channel = 'role_changes') =>
  createDecoder(channels)(channel, typeof payload === 'string' ? payload : JSON.stringify(payload));

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ migrated: false });
  await createChangeEvents(database.db);
  await database.pool.query(`CREATE TABLE role (id serial PRIMARY KEY, team_id int, name text);
    CREATE TABLE step (id int, team_id int, names text);
    CREATE TABLE tenant (id int PRIMARY KEY) PARTITION BY RANGE (id)`);
  await createChangeTriggers(database.db, 'role_changes', role);
});
afterAll(() => database[Symbol.asyncDispose]());

/** What each of the ways says; one after the other, for they share the database. */
const messages = {} as Record<EventsErrorCode, string[]>;
beforeAll(async () => {
  for (const code of EVENTS_ERROR_CODES) {
    messages[code] = [];
    // oxlint-disable-next-line no-await-in-loop
    for (const way of ways[code]) messages[code].push(withoutWhatVaries(await messageOf(code, way)));
  }
  if (process.env['UPDATE_DOCS'] === undefined) return;
  for (const code of EVENTS_ERROR_CODES) {
    const section = sectionOf(code);
    page = page.replace(section, () =>
      section.replace(BLOCK, () => `\`\`\`text\n${messages[code].join('\n')}\n\`\`\``),
    );
  }
  writeFileSync(PAGE, page);
});

const ear = () =>
  listenInTest<AppEvent>({
    connectionString: database.connectionString,
    definitions: channels,
    timeoutMs: 20,
  });
const nobody = { attach: () => undefined, take: () => undefined, gap: () => undefined };
const addRole = () => database.pool.query("INSERT INTO role (team_id, name) VALUES (17, 'Clerk')");

/** Ways to each code; the docs show what each way says, in this order. */
const ways: Record<EventsErrorCode, readonly (() => unknown)[]> = {
  'bad-definition': [
    () => define({ position: role }),
    () => define({ role_changes: { ...role, columns: [...role.columns, 'seq'] } }),
    () => define({ role_changes: { ...role, audience: ['team:{tem_id}'] } }),
    () => define({ role_changes: { ...role, audience: ['everybody'] } }),
    () => define({ role_changes: { ...role, audience: ['team:{team_id}/role:{id}'] } }),
    () => define({ role_changes: { ...role, watch: [] } }),
    () => define({ role_changes: { ...role, columns: [...role.columns, 'name'] } }),
    () => define({ role_changes: role, role_names: role }),
    () => contractOf(channels, { role: { id: 'integer', team_id: 'integer' } }),
    () =>
      topicAccess({
        definitions: channels,
        viewer: () => Promise.resolve(undefined),
        grants: { role_changes: { to: 'user:{id}', topics: ['team:{team_id}'] } },
      }),
  ],
  'bad-table': [
    () => createChangeTriggers(database.db, 'role_changes', { ...role, table: 'roles' }),
    () => createChangeTriggers(database.db, 'tenant_changes', { ...role, table: 'tenant' }),
    () => createChangeTriggers(database.db, 'role_names', role),
    () => createChangeTriggers(database.db, 'step_changes', { ...role, table: 'step' }),
    async () => {
      await using empty = await testDatabase({ migrated: false });
      await empty.pool.query('CREATE TABLE role (id int PRIMARY KEY, team_id int, name text)');
      await createChangeTriggers(empty.db, 'role_changes', role);
    },
  ],
  'bad-payload': [
    () => decode('nonsense'),
    () => decode({ operation: 'UPSERT' }),
    () => decode({ operation: 'DELETE', seq: 1, announced_at: '2026-11-25T08:00:00Z', id: 1 }),
  ],
  'unknown-channel': [
    () => decode({}, 'role_chnages'),
    () =>
      migrationSource(
        [
          {
            kind: 'missing',
            channel: 'role_chnages',
            what: 'trigger',
            expected: 'there',
            found: 'nothing',
            advice: 'make it',
            repair: { create: 'channel', first: [], before: [] },
          },
        ],
        channels,
      ),
  ],
  'cannot-listen': [
    () =>
      listenForChanges({
        definitions: channels,
        hub: nobody,
        connectionString: 'postgres://127.0.0.1:1/app',
        onError: (error) => expect.unreachable(String(error)),
      }),
    async () => {
      await using empty = await testDatabase({ migrated: false });
      await listenForChanges({
        definitions: channels,
        hub: nobody,
        connectionString: empty.connectionString,
        onError: (error) => expect.unreachable(String(error)),
      });
    },
    async () => {
      const errors: unknown[] = [];
      await using listener = await listenForChanges({
        definitions: channels,
        hub: nobody,
        connectionString: database.connectionString,
        onError: (error) => errors.push(error),
      });
      await vi.waitFor(() => expect(listener.pump?.state).toBe('asleep'));
      await database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pump' AND datname = current_database()`,
      );
      await vi.waitFor(() => expect(errors).toHaveLength(1));
      throw errors[0];
    },
    async () => {
      const reported = Promise.withResolvers<never>();
      await using _pump = startPump({
        connectionString: 'postgres://127.0.0.1:1/app',
        channels: ['role_changes'],
        onError: (error) => reported.reject(error),
      });
      await reported.promise;
    },
  ],
  'bad-viewers': [
    async () => {
      const closing = new AbortController();
      const reported = Promise.withResolvers<never>();
      const { access } = topicAccess({ definitions: channels, viewer: () => Promise.resolve(undefined) });
      const hub = createHub({
        definitions: channels,
        access,
        load: () => Promise.resolve([]),
        onError: (error) => reported.reject(error),
      });
      await hub.subscribe({ key: 'ada', signal: closing.signal });
      await reported.promise.finally(() => closing.abort());
    },
  ],
  'bad-batch': [
    () => {
      const hub = createHub({
        definitions: channels,
        ...topicAccess({ definitions: channels, viewer: () => Promise.resolve(undefined) }),
        onError: (error) => {
          throw error;
        },
      });
      hub.attach({ read: () => undefined }, 'kX2fQa.9');
      hub.take({ from: 'kX2fQa.11', to: 'kX2fQa.12', announcements: [] });
    },
  ],
  'no-provider': [
    () => {
      const { useLiveStatus } = createRealtime();
      return renderToString(createElement(() => useLiveStatus().state));
    },
  ],
  'not-heard': [
    async () => {
      await using listener = await ear();
      await listener.heard('role_changes', { operation: 'UPDATE' });
    },
    async () => {
      await using listener = await ear();
      await database.pool.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listen-in-test' AND datname = current_database()",
      );
      await listener.heard('role_changes');
    },
    async () => {
      const listener = await ear();
      const heard = listener.heard('role_changes');
      await Promise.all([heard, listener[Symbol.asyncDispose]()]);
    },
  ],
  'heard-more': [
    async () => {
      await using listener = await ear();
      await addRole();
      await listener.nothingMore();
    },
  ],
  'nobody-listens': [() => fakeStream<AppEvent>().resync()],
};

test('the page has every code, in order, each with cause and cure', () => {
  expect([...page.matchAll(/^## (.+)$/gm)].map(([, code]) => code)).toEqual([...EVENTS_ERROR_CODES]);
  for (const code of EVENTS_ERROR_CODES) {
    expect(sectionOf(code)).toMatch(/^\*\*Cause.\*\* .{30,}$/m);
    expect(sectionOf(code)).toMatch(/^\*\*Cure.\*\* .{30,}$/m);
  }
});

test.each(EVENTS_ERROR_CODES)('%s says what the page shows', (code) => {
  expect(messages[code]).toEqual(BLOCK.exec(sectionOf(code))?.[1]!.trim().split('\n'));
});

test('every place that throws one is reached by these ways', () => {
  const places = globSync('src/**/*.{ts,tsx}', { cwd: packageFolder })
    .filter((file) => !/\.test|testing-helpers/.test(file))
    .flatMap((file) =>
      [
        ...readFileSync(join(packageFolder, file), 'utf8').matchAll(
          /new EventsError\(\s*'[\w-]+',\s*([`'])(.*)\1/g,
        ),
      ].map(([, , text]) => ({ file, text: text! })),
    );
  expect(places.length).toBeGreaterThan(10);
  const unreached = places.filter(
    ({ text }) =>
      !Object.values(messages)
        .flat()
        .some((message) => pattern(text).test(message)),
  );
  // A statement of the kit's own that the kit cannot read is a fault of the kit; nobody can cause it.
  expect(unreached.map(({ file }) => file)).toEqual(['src/postgres/check-expected.ts']);
});

function sectionOf(code: EventsErrorCode): string {
  return page.split(`\n## ${code}\n`)[1]?.split(/\n## /)[0] ?? '';
}

async function messageOf(code: EventsErrorCode, way: () => unknown): Promise<string> {
  try {
    await way();
  } catch (error) {
    expect(error).toBeInstanceOf(EventsError);
    expect((error as EventsError).code).toBe(code);
    return (error as EventsError).message;
  }
  throw new Error(`This way does not lead to ${code}: ${String(way)}`);
}

function withoutWhatVaries(message: string): string {
  return message.replaceAll(/"announced_at":"[^"]+"/g, '"announced_at":"..."').replaceAll(/\s+/g, ' ');
}

/** What a template can become. */
function pattern(template: string): RegExp {
  const literal = template.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/).map((part) => RegExp.escape(part));
  return new RegExp(`^${literal.join('[\\s\\S]*')}`);
}
