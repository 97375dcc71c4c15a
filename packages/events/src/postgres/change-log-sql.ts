/**
 * The change log's tables. Each statement stands in the very form in which `readLog` prints what is there back from the
 * catalog, so that the check compares texts.
 */
import { DOORBELL } from './locks.ts';

/** Where pg_notify tells the pump and the servers, not people, what there is to read. */
export const LOG_CHANNEL = 'change_log';

/**
 * The number of rows above which a statement does not ring for each; 0: its transaction never notifies, and may be
 * prepared for two-phase commit. Reset, a custom setting is the empty text.
 */
export const RING_LIMIT_SQL =
  "coalesce(nullif(current_setting('change_log.ring_limit', true), ''), '100')::integer";

/** Not tried by a transaction without an id: see the order that the pump relies on. */
export const TRY_DOORBELL_SQL = `pg_try_advisory_xact_lock_shared(${DOORBELL})`;

const TABLES: Readonly<Record<string, string>> = {
  change_log: table('change_log', [
    'id bigint NOT NULL',
    'xid xid8 NOT NULL',
    'at timestamp with time zone NOT NULL',
    'rung boolean NOT NULL',
    'channel text NOT NULL',
    'payload text NOT NULL',
  ]),
  change_log_epoch: table('change_log_epoch', [
    'number bigint NOT NULL GENERATED ALWAYS AS IDENTITY',
    'epoch text NOT NULL',
    'identity text NOT NULL',
    'continues text',
    'ended_before xid8',
    'began timestamp with time zone NOT NULL DEFAULT now()',
    'CONSTRAINT change_log_epoch_epoch_key UNIQUE (epoch)',
    'CONSTRAINT change_log_epoch_pkey PRIMARY KEY (number)',
  ]),
  change_log_state: table('change_log_state', [
    'one boolean NOT NULL DEFAULT true',
    "pruned_below xid8 NOT NULL DEFAULT '0'::xid8",
    'emitted_epoch text',
    'emitted text',
    'CONSTRAINT change_log_state_one_check CHECK (one)',
    'CONSTRAINT change_log_state_pkey PRIMARY KEY (one)',
  ]),
};

/** The log has but one index: a writer pays for each. */
const INDEXES: Readonly<Record<string, string>> = {
  change_log_xid: 'CREATE INDEX change_log_xid ON public.change_log USING btree (xid)',
};

/** What the log is made of, by name. */
export const LOG_SQL: Readonly<Record<string, string>> = { ...TABLES, ...INDEXES };

/** An existing log stays as it is. */
export const CREATE_LOG_SQL: readonly string[] = [
  ...Object.values(LOG_SQL).map((statement) =>
    statement.replace(/^CREATE (TABLE|INDEX)/, '$& IF NOT EXISTS'),
  ),
  'INSERT INTO public.change_log_state DEFAULT VALUES ON CONFLICT DO NOTHING',
  `REVOKE ALL ON ${Object.keys(TABLES)
    .map((name) => `public.${name}`)
    .join(', ')} FROM PUBLIC`,
];

export const DROP_LOG_SQL: readonly string[] = Object.keys(TABLES).map((name) => `DROP TABLE public.${name}`);

function table(name: string, parts: readonly string[]): string {
  return `CREATE TABLE public.${name} (${parts.join(', ')})`;
}
