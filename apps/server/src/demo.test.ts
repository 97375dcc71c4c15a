import { testDatabase } from '@processflow/db/testing';
import { expect, test } from 'vitest';

import { demoSignIns, seedDemo } from './demo.ts';
import { testServices } from './testing.ts';

test('an empty database is filled once, with work waiting for Bo', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  expect(await seedDemo(services)).toBe(true);
  expect(await seedDemo(services)).toBe(false);

  const { db } = database;
  const people = await db.selectFrom('profile').selectAll().orderBy('email').execute();
  expect(people.map(({ email, email_verified }) => [email, email_verified])).toEqual(
    demoSignIns.people.map(({ email }) => [email, true]),
  );
  const teams = await db.selectFrom('team').select('name').orderBy('name').execute();
  expect(teams.map(({ name }) => name)).toEqual(['Demo', 'Other']);
  const statuses = await db.selectFrom('process_instance').select('status').orderBy('id').execute();
  expect(statuses.map(({ status }) => status)).toEqual(['Completed', 'Running', 'Running', 'Running']);

  const open = await db
    .selectFrom('flow_element_instance as e')
    .innerJoin('flow_element as f', 'f.id', 'e.instance_of')
    .innerJoin('role as r', 'r.id', 'e.assigned_role_id')
    .where('e.status', '=', 'Active')
    .select(['f.name', 'r.name as role'])
    .orderBy('e.id')
    .execute();
  expect(open).toEqual([
    { name: 'Approve the invoice', role: 'Management' },
    { name: 'Pay the invoice', role: 'Accounting' },
    { name: 'Record the invoice', role: 'Accounting' },
  ]);
});

test('everybody can sign in with the password of the banner', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  await seedDemo(services);
  for (const { email } of demoSignIns.people) {
    const { user } = await services.auth.api.signInEmail({ body: { email, password: demoSignIns.password } });
    expect(user.email).toBe(email);
  }
});

test('two servers that start at once seed once', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const seeded = await Promise.all([seedDemo(services), seedDemo(services)]);
  expect(seeded.filter((done) => done)).toHaveLength(1);
  expect(await database.db.selectFrom('profile').select('id').execute()).toHaveLength(3);
});

test('a seed that fails half-way leaves nothing, and the next one does it all', async () => {
  await using database = await testDatabase();
  const services = testServices(database.db);
  const { pool } = database;
  await pool.query(`alter table process_instance add constraint broken check (status <> 'Completed')`);
  await expect(seedDemo(services)).rejects.toThrow('broken');
  expect((await pool.query('select from profile')).rowCount).toBe(0);
  await pool.query('alter table process_instance drop constraint broken');
  expect(await seedDemo(services)).toBe(true);
});

test('what happened earlier has times in order', async () => {
  await using database = await testDatabase();
  await seedDemo(testServices(database.db));
  const { rows } = await database.pool.query(`
    select from flow_element_instance e join process_instance i on i.id = e.is_part_of
    where e.completed_at < e.started_at or e.started_at < i.started_at or i.ended_at < e.completed_at
      or e.started_at > now()`);
  expect(rows).toEqual([]);
});
