import pg from 'pg';

import type { AnyEvent } from '../channels.ts';
import { channels } from '../channels.ts';

type ChannelName = AnyEvent['channel'];

const ADA = '00000000-0000-4000-8000-00000000000a';
const BO = '00000000-0000-4000-8000-00000000000b';

/** Two teams with everything a row of any announced table refers to; ids are 1 for team A's and 2 for team B's. */
export const SURROUNDINGS = `
  INSERT INTO profile (id, name, email) VALUES ('${ADA}', 'Ada', 'ada@example.com'), ('${BO}', 'Bo', 'bo@example.com');
  INSERT INTO team (name) VALUES ('A'), ('B');
  INSERT INTO profile_team (team_id, profile_id) VALUES (1, '${ADA}'), (2, '${ADA}');
  INSERT INTO role (team_id, name) VALUES (1, 'a'), (2, 'b');
  INSERT INTO process_model (team_id, name, version, xml) VALUES (1, 'm', 1, ''), (2, 'm', 1, '');
  INSERT INTO flow_element (team_id, process_model_id, element_id, kind) VALUES (1, 1, 'e', 'task'), (2, 2, 'e', 'task');
  INSERT INTO process_instance (team_id, process_model_id, status, next_number) VALUES (1, 1, 'Running', 2), (2, 2, 'Running', 2);`;

/** How one channel's table is written, all in team A unless moved. */
export interface Writes {
  /** `INSERT` of rows numbered by \`n\` from a query that yields them; the columns and the select list. */
  readonly columns: string;
  readonly values: (n: string) => string;
  /** A condition that is true for rows made by this, and no others. */
  readonly made: string;
  /** Changes a watched column of every row. */
  readonly change: string;
  /** Gives every row to another audience. */
  readonly move: string;
  /** Gives every row another key. */
  readonly rekey: string;
  /** Makes the row too long for a notification by a text that may be shortened, and says which column that is. */
  readonly lengthen?: { readonly set: string; readonly column: string; readonly unbound?: string };
  /** Columns that ON CONFLICT infers the key from. */
  readonly conflict: string;
}

const NEXT_ID = 'id = DEFAULT';
const NEXT_UUID = 'id = gen_random_uuid()';
const numberedUuid = (n: string): string => `lpad((${n})::text, 32, '0')::uuid`;
const long = "repeat('é\"\\n', 5000)";

export const writes: Record<ChannelName, Writes> = {
  team_changes: {
    columns: 'name',
    values: (n) => `'made ' || ${n}`,
    made: "name LIKE 'made %'",
    change: "name = name || '!'",
    move: NEXT_ID,
    rekey: NEXT_ID,
    lengthen: { set: `name = 'made ' || ${long}`, column: 'name', unbound: 'team_name_length' },
    conflict: 'id',
  },
  profile_team_changes: {
    columns: 'team_id, profile_id',
    values: (n) => `1, ${numberedUuid(n)}`,
    made: `profile_id <> '${ADA}'`,
    change: 'is_owner = NOT is_owner',
    move: 'team_id = 2',
    rekey: NEXT_ID,
    conflict: 'profile_id, team_id',
  },
  role_changes: {
    columns: 'team_id, name',
    values: (n) => `1, 'made ' || ${n}`,
    made: "name LIKE 'made %'",
    change: "colour = 'red'",
    move: 'team_id = 2',
    rekey: NEXT_ID,
    lengthen: { set: `name = 'made ' || ${long}`, column: 'name', unbound: 'role_name_length' },
    conflict: 'team_id, name',
  },
  profile_role_team_changes: {
    columns: 'team_id, profile_id, role_id',
    values: (n) => `1, ${numberedUuid(n)}, 1`,
    made: 'true',
    change: 'role_id = 3',
    move: 'team_id = 2, role_id = 2',
    rekey: NEXT_ID,
    conflict: 'profile_id, role_id',
  },
  invitation_changes: {
    columns: 'team_id, email, secret_hash, expires_at',
    values: (n) => `1, 'made' || ${n} || '@example.com', 'hash ' || ${n}, '2030-01-01'`,
    made: 'true',
    change: "status = 'Declined'",
    move: "email = 'moved-' || email",
    rekey: NEXT_ID,
    conflict: 'secret_hash',
  },
  process_model_changes: {
    columns: 'team_id, name, version, xml',
    values: (n) => `1, 'made ' || ${n}, 1, ''`,
    made: "name LIKE 'made %'",
    change: "xml = xml || '<!-- -->'",
    move: 'team_id = 2',
    rekey: NEXT_ID,
    lengthen: { set: `name = 'made ' || ${long}`, column: 'name', unbound: 'process_model_name_length' },
    conflict: 'team_id, name, version',
  },
  process_instance_changes: {
    columns: 'team_id, process_model_id, status, next_number',
    values: (n) => `1, 1, 'Running', ${n}`,
    made: 'id > 2',
    change: `variables = variables || '{"a": 1}'`,
    move: 'team_id = 2, process_model_id = 2',
    rekey: NEXT_ID,
    conflict: 'id',
  },
  flow_element_instance_changes: {
    columns: 'team_id, instance_of, is_part_of, number, status',
    values: (n) => `1, 1, 1, ${n}, 'Active'`,
    made: 'true',
    change: `status = 'Completed', completed_by = '${BO}'`,
    move: 'team_id = 2, instance_of = 2, is_part_of = 2',
    rekey: NEXT_ID,
    conflict: 'is_part_of, number',
  },
  probe_changes: {
    columns: 'team_id, profile_id, nonce',
    values: (n) => `1, ${numberedUuid(n)}, 'made'`,
    made: 'true',
    change: "nonce = nonce || '!'",
    move: 'team_id = 2',
    rekey: NEXT_ID,
    conflict: 'profile_id, team_id',
  },
  api_token_changes: {
    columns: 'team_id, created_by, name, token_hash, hint',
    values: (n) => `1, '${ADA}', 'made ' || ${n}, 'hash ' || ${n}, 'abcd'`,
    made: 'true',
    change: "expires_at = '2030-01-01'",
    move: 'team_id = 2',
    rekey: NEXT_ID,
    lengthen: { set: `name = 'made ' || ${long}`, column: 'name', unbound: 'api_token_name_length' },
    conflict: 'token_hash',
  },
  session_changes: {
    columns: 'id, profile_id, token, expires_at',
    values: (n) => `${numberedUuid(n)}, '${ADA}', 'secret token ' || ${n}, '2030-01-01'`,
    made: 'true',
    change: "expires_at = expires_at + interval '1 day'",
    move: NEXT_UUID,
    rekey: NEXT_UUID,
    conflict: 'token',
  },
  profile_changes: {
    columns: 'id, name, email',
    values: (n) => `${numberedUuid(n)}, 'Made', 'made' || ${n} || '@example.com'`,
    made: "name = 'Made'",
    change: 'email_verified = NOT email_verified',
    move: NEXT_UUID,
    rekey: NEXT_UUID,
    lengthen: { set: `email = ${long} || email`, column: 'email' },
    conflict: 'email',
  },
};

/** What other rows a channel's made rows refer to. */
export const PREPARATION: Partial<Record<ChannelName, (count: number) => string>> = {
  profile_team_changes: people,
  probe_changes: members,
  profile_role_team_changes: (count) => `${members(count)};
    INSERT INTO role (team_id, name) VALUES (1, 'c')`,
};

function people(count: number): string {
  return `INSERT INTO profile (id, name, email) SELECT ${numberedUuid('n')}, 'P', n || '@example.org' FROM generate_series(1, ${count}) n`;
}

/** Of both teams. */
function members(count: number): string {
  return `${people(count)};
    INSERT INTO profile_team (team_id, profile_id) SELECT t, ${numberedUuid('n')} FROM generate_series(1, ${count}) n, generate_series(1, 2) t`;
}

export function insertRows(channel: ChannelName, count: number): string {
  const { columns, values } = writes[channel];
  return `INSERT INTO ${channels[channel].table} (${columns}) SELECT ${values('n')} FROM generate_series(1, ${count}) n`;
}

export interface Heard {
  readonly channel: string;
  readonly payload: string;
  readonly event: Record<string, unknown> & { operation: string; seq: number };
}

/** A plain PostgreSQL client that LISTENs, as anybody's would. */
export async function listenPlainly(connectionString: string, names: readonly string[]) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const heard: Heard[] = [];
  const sentinels = new Map<string, () => void>();
  client.on('notification', ({ channel, payload = '' }) => {
    if (channel === 'sentinel') sentinels.get(payload)?.();
    else heard.push({ channel, payload, event: JSON.parse(payload) });
  });
  for (const name of [...names, 'sentinel']) await client.query(`LISTEN ${name}`);
  let count = 0;
  return {
    /** Everything heard since the last call, once all that was committed before this call has arrived. */
    async take(): Promise<Heard[]> {
      const name = String((count += 1));
      const arrived = new Promise<void>((resolve) => sentinels.set(name, resolve));
      await client.query(`NOTIFY sentinel, '${name}'`);
      await arrived;
      return heard.splice(0);
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}
