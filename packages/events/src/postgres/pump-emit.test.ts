import { expect, test, vi } from 'vitest';

import { CHANNEL, pumpWorld, until, update } from '../testing-helpers/pump-world.ts';
import { resolveEpoch } from './epoch.ts';
import { decodePosition } from './position.ts';
import { createEmitter } from './pump-emit.ts';
import { isVisible } from './snapshot.ts';

const UNRUNG = 'SET change_log.ring_limit = 0';
const read = '{"read":true}';

test('two pumps that emit side by side emit each event once', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  await world.pool.query(`ALTER DATABASE ${new URL(world.connectionString).pathname.slice(1)} ${UNRUNG}`);
  let over = false;
  const emitted = await Promise.all([
    world.write(4, (written) => over || written > 50_000).then(() => 0),
    ...[1, 2].map(async () => {
      const emitter = createEmitter(await world.client(), [CHANNEL]);
      let events = 0;
      for (let round = 1; round <= 150 || !over; round += 1) {
        events += (await emitter.advance()).emitted;
        over ||= round === 150;
      }
      return events;
    }),
  ]);
  const last = createEmitter(await world.client(), [CHANNEL]);
  const rest = await last.advance();
  const { heard, logged } = await world.settled(ear);
  expect(heard).toEqual(logged);
  expect(emitted.reduce((sum, events) => sum + events, rest.emitted)).toBe(logged.length);
  expect(emitted[1]).toBeGreaterThan(0);
  expect(emitted[2]).toBeGreaterThan(0);
});

test('a backlog beyond the bound is emitted in parts, in order, and goes on where another pump broke off', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const client = await world.client();
  const bounds = { batch: 20, part: 10 };
  await client.query(`${UNRUNG}; UPDATE item SET value = 1 WHERE id <= 45`);
  const breaking = await world.client();
  const query = breaking.query.bind(breaking);
  let parts = 0;
  vi.spyOn(breaking, 'query').mockImplementation(((config: { name?: string }, values: unknown[]) => {
    if (config.name === 'pump-emit' && (parts += 1) > 2) throw new Error('broke off');
    return query(config as never, values);
  }) as never);
  await expect(createEmitter(breaking, [CHANNEL], bounds).advance()).rejects.toThrow('broke off');
  await vi.waitUntil(() => ear.heard.length === 20, until);

  await client.query('UPDATE item SET value = 2 WHERE id <= 5');
  expect(await createEmitter(client, [CHANNEL], bounds).advance()).toMatchObject({ emitted: 30 });
  const { logged } = await world.settled(ear);
  expect(logged).toHaveLength(50);
  expect(ear.heard).toEqual(logged);
});

test('a mark says whose events came before it, from where and up to where', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const client = await world.client();
  await client.query(UNRUNG);
  const emitter = createEmitter(client, [CHANNEL]);
  const { current } = await resolveEpoch(client);
  await client.query(update(1));
  await emitter.advance();
  await client.query(update(2));
  await client.query(`UPDATE item SET value = 9 WHERE id IN (3, 4)`);
  await emitter.advance();
  await world.pool.query(update(5));
  await client.query(update(6));
  await emitter.advance();
  await emitter.advance();
  await world.settled(ear);

  const [first, second, third, ...others] = ear.told;
  // Nothing was emitted before the first batch, so there is no position that it begins at.
  expect(first).toBe(read);
  const mark = JSON.parse(second ?? '') as { from: string; to: string; events: number; xids: number[] };
  const [from, to] = [decodePosition(mark.from)!, decodePosition(mark.to)!];
  expect([from.epoch, to.epoch]).toEqual([current, current]);
  const { rows } = await client.query<{ xid: string }>(
    'SELECT xid::text FROM change_log ORDER BY id OFFSET 1 LIMIT 3',
  );
  const xids = mark.xids.map((delta) => from.snapshot.xmin + BigInt(delta));
  expect(xids.map(String)).toEqual(rows.map(({ xid }) => xid));
  expect(xids.map((xid) => [isVisible(xid, from.snapshot), isVisible(xid, to.snapshot)])).toEqual(
    xids.map(() => [false, true]),
  );
  // One of the two rang by itself, so their servers have to read.
  expect(JSON.parse(third ?? '')).toEqual({ from: mark.to, to: expect.any(String) as unknown, events: 2 });
  expect(others).toEqual([expect.stringMatching(/^sentinel/)]);
});

test.each([
  ['was pruned beyond what had been emitted', "UPDATE change_log_state SET pruned_below = '9000000000'"],
  ['is another one', 'TRUNCATE change_log'],
])('where the log %s, its listeners are told to start over', async (_, loss) => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const client = await world.client();
  await client.query(UNRUNG);
  const emitter = createEmitter(client, [CHANNEL]);
  await client.query(update(1));
  await emitter.advance();
  await client.query(update(2));
  await client.query(loss);
  expect(await emitter.advance()).toMatchObject({ emitted: 0 });
  await client.query("UPDATE change_log_state SET pruned_below = '0'");
  await client.query(update(3));
  expect(await emitter.advance()).toMatchObject({ emitted: 1 });
  await vi.waitUntil(() => ear.heard.length === 3, until);
  await world.pool.query(`SELECT pg_notify('${CHANNEL}', 'end')`);
  await vi.waitUntil(() => ear.told.includes('end'), until);
  // Of the three, the second is the RESYNC.
  expect(ear.heard).toHaveLength(3);
});

test('what PostgreSQL could not notify does not keep the rest from being emitted', async () => {
  await using world = await pumpWorld();
  const ear = await world.ear();
  const client = await world.client();
  await client.query(UNRUNG);
  await client.query(
    `INSERT INTO change_log VALUES (0, pg_current_xact_id(), now(), false, '${CHANNEL}', repeat('x', 8000))`,
  );
  await client.query(update(1));
  expect(await createEmitter(client, [CHANNEL]).advance()).toMatchObject({ emitted: 1 });
  await vi.waitUntil(() => ear.heard.length === 1, until);
});
