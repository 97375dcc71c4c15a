import { createDb, type createPool } from '../../db/client.ts';
import { defineChannels } from '../../packages/events/src/index.ts';
import { createChangeEvents, createChangeTriggers } from '../../packages/events/src/postgres/index.ts';

export type Pool = ReturnType<typeof createPool>;

/** No trigger; a row trigger that notifies, as people usually write it; the kit's triggers. */
export const STYLES = ['none', 'usual', 'ours'] as const;
export type Style = (typeof STYLES)[number];

/** Writers, each with rows of its own. */
export const WRITERS = 8;
export const ROWS_OF_A_WRITER = 1_000;
/** What the large statement touches. */
export const MANY_ROWS = 10_000;

export const USUAL_CHANNEL = 'bench_usual';
export const OURS_CHANNEL = 'bench_ours_changes';
export const TOPIC = 'team:1';

const COLUMNS = ['id', 'team_id', 'title', 'state', 'value'] as const;

export const channels = defineChannels<Database>()({
  [OURS_CHANNEL]: { table: 'bench_ours', columns: COLUMNS, audience: ['team:{team_id}'] },
});

export interface Database {
  bench_ours: { id: number; team_id: number; title: string; state: string; value: number };
}

/** The tables differ in nothing but their triggers. */
export async function createTable(pool: Pool, style: Style): Promise<void> {
  await pool.query(`
    CREATE TABLE bench_${style} (
      id integer PRIMARY KEY, team_id integer NOT NULL, title text NOT NULL, state text NOT NULL,
      value integer NOT NULL
    );
    INSERT INTO bench_${style}
      SELECT n, 1, 'Check the invoice of order ' || n, 'ACTIVE', 0 FROM generate_series(0, ${MANY_ROWS - 1}) n`);
  await CREATE_TRIGGERS[style](pool);
  await pool.query('VACUUM ANALYZE');
}

const CREATE_TRIGGERS: Record<Style, (pool: Pool) => Promise<unknown>> = {
  none: () => Promise.resolve(),
  usual: (pool) =>
    pool.query(`
      CREATE FUNCTION bench_usual_notify() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        PERFORM pg_notify('${USUAL_CHANNEL}', json_build_object('operation', TG_OP, 'row', row_to_json(NEW))::text);
        RETURN NEW;
      END $body$;
      CREATE TRIGGER bench_usual_notify AFTER INSERT OR UPDATE ON bench_usual
        FOR EACH ROW EXECUTE FUNCTION bench_usual_notify()`),
  ours: async (pool) => {
    const db = createDb(pool);
    await createChangeEvents(db);
    await createChangeTriggers(db, OURS_CHANNEL, channels[OURS_CHANNEL]);
  },
};

/** One row of the writer's own, at random, in pgbench's words. */
export function pgbenchScript(style: Style): string {
  return (
    `\\set id :client_id * ${ROWS_OF_A_WRITER} + random(0, ${ROWS_OF_A_WRITER - 1})\n` +
    `${updateOne(style, ':id')};\n`
  );
}

export function updateOne(style: Style, id: string): string {
  return `UPDATE bench_${style} SET value = value + 1 WHERE id = ${id}`;
}

/** How many changes of rows were ever committed: each adds one. */
export async function committed(pool: Pool, style: Style): Promise<number> {
  const { rows } = await pool.query<{ sum: number }>(`SELECT sum(value)::integer AS sum FROM bench_${style}`);
  return rows[0]!.sum;
}
