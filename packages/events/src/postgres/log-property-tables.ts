import type { ChannelDefinitions } from '../contract.ts';
import type { Random } from './log-property-random.ts';

/** Three announced tables, of which one cascades into another; rows belong to one of two teams. */
export const channels: ChannelDefinitions = Object.fromEntries(
  ['project', 'task', 'note'].map((table) => [
    `${table}_changes`,
    { table, columns: ['id', 'team', 'version'], audience: ['team:{team}'] },
  ]),
);

/**
 * What is told is compared with what ordinary row triggers have written to a table of their own, in the same transactions.
 * Its numbers are handed out while the row is locked, so they tell the order in which each row's changes were committed.
 */
export const TABLES_SQL = `
  CREATE SEQUENCE version; CREATE SEQUENCE row_id START 100;
  CREATE TABLE project (id int PRIMARY KEY, team int NOT NULL, version int NOT NULL);
  CREATE TABLE task (id int PRIMARY KEY, project_id int NOT NULL REFERENCES project ON DELETE CASCADE,
    team int NOT NULL, version int NOT NULL);
  CREATE TABLE note (id int PRIMARY KEY, team int NOT NULL, version int NOT NULL);
  CREATE TABLE audit (n bigserial PRIMARY KEY, channel text NOT NULL, operation text NOT NULL, id int, team int, version int);
  CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'TRUNCATE' THEN
      INSERT INTO audit (channel, operation) VALUES (TG_ARGV[0], TG_OP);
    ELSIF TG_OP = 'INSERT' THEN
      INSERT INTO audit (channel, operation, id, team, version) VALUES (TG_ARGV[0], TG_OP, NEW.id, NEW.team, NEW.version);
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO audit (channel, operation, id, team, version) VALUES (TG_ARGV[0], TG_OP, OLD.id, OLD.team, OLD.version);
    ELSIF NEW.team = OLD.team THEN
      INSERT INTO audit (channel, operation, id, team, version) VALUES (TG_ARGV[0], TG_OP, NEW.id, NEW.team, NEW.version);
    ELSE
      INSERT INTO audit (channel, operation, id, team, version) VALUES
        (TG_ARGV[0], 'DELETE', OLD.id, OLD.team, OLD.version), (TG_ARGV[0], 'INSERT', NEW.id, NEW.team, NEW.version);
    END IF;
    RETURN NULL;
  END $$;
  ${Object.entries(channels)
    .map(
      ([channel, { table }]) => `
  CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION audit('${channel}');
  CREATE TRIGGER audit_truncate AFTER TRUNCATE ON ${table} EXECUTE FUNCTION audit('${channel}');`,
    )
    .join('')}`;

/** The rows that the writers fight for. */
const HOT = 5;
export const ROWS_SQL = `
  TRUNCATE project CASCADE; TRUNCATE note;
  INSERT INTO project SELECT id, id % 2 + 1, 0 FROM generate_series(1, ${HOT}) id;
  INSERT INTO task SELECT id, id, id % 2 + 1, 0 FROM generate_series(1, ${HOT}) id;
  INSERT INTO note SELECT id, id % 2 + 1, 0 FROM generate_series(1, ${HOT}) id;
  TRUNCATE audit`;

const VERSION = "nextval('version')";
const NEW_ID = "nextval('row_id')";

/** One statement of a writer. */
export function randomStatement(random: Random): string {
  const table = random.pick(['project', 'task', 'note']);
  const id = random.below(HOT) + 1;
  const team = random.below(2) + 1;
  const set = `SET version = ${VERSION}`;
  return random.weighted(
    [40, `UPDATE ${table} ${set} WHERE id = ${id}`],
    [8, `UPDATE ${table} ${set}, team = 3 - team WHERE id = ${id}`],
    [5, `UPDATE ${table} ${set} WHERE id % 3 = ${id % 3}`],
    [8, `INSERT INTO note SELECT ${NEW_ID}, ${team}, ${VERSION} FROM generate_series(1, ${id})`],
    [5, `INSERT INTO task SELECT ${NEW_ID}, p.id, p.team, ${VERSION} FROM project p WHERE p.id = ${id}`],
    [6, `INSERT INTO project VALUES (${id}, ${team}, ${VERSION}) ON CONFLICT (id) DO UPDATE ${set}`],
    [4, `INSERT INTO note VALUES (${id}, ${team}, ${VERSION}) ON CONFLICT (id) DO UPDATE ${set}`],
    [4, `DELETE FROM note WHERE id = ${id} OR id % 7 = ${id}`],
    [4, `DELETE FROM project WHERE id = ${id}`],
    [3, `COPY note FROM PROGRAM 'for n in 1 2 3; do printf "$$$n\\t${team}\\t0\\n"; done'`],
    [1, 'TRUNCATE note'],
    [0.5, 'TRUNCATE project CASCADE'],
  );
}
