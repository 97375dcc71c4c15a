import type pg from 'pg';

/** Sets what holds for the rest of the session. */
export async function set(
  client: pg.ClientBase,
  settings: Readonly<Record<string, string | number>>,
): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await client.query('SELECT set_config($1, $2, false)', [name, String(value)]);
  }
}
