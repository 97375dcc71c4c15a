import { describeDifferences, migrationSource } from '@processflow/events/postgres';
import { channels } from './channels.ts';
import { openCheckTarget } from './check-target.ts';
import { findDifferences } from './check.ts';
import { createDb, createPool } from './client.ts';
import { DatabaseError } from './error.ts';
import { addMigration, migrationTitle } from './make-migration.ts';
import { checkDatabase } from './migrate.ts';

export const DATABASE_USAGE = `Usage: npm run db -- <command>, or with pnpm: pnpm db <command>

  check                            compares the database with the definitions in db/channels.ts
  make-migration [name] [--into folder]
                                   writes the migration that closes the differences, into db/migrations

The database is that of DATABASE_URL, else the embedded one in DATA_DIR (default .data).
Exit codes: 0 no difference (or all closed by the migration), 1 differences, 2 wrong usage, no database, nothing to do.`;

export interface CommandSurroundings {
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** Where migrations stand unless said. */
  readonly migrations: string;
  readonly say: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Formats files that were written. */
  readonly format: (files: readonly string[]) => Promise<void>;
}

/** Runs `pnpm db ...` and gives its exit code. */
export async function runDatabaseCommand(
  args: readonly string[],
  surroundings: CommandSurroundings,
): Promise<number> {
  const request = parse(args, surroundings.migrations);
  if (request === 'help') {
    surroundings.say(DATABASE_USAGE);
    return 0;
  }
  if (typeof request === 'string') {
    surroundings.complain(`${request}\n\n${DATABASE_USAGE}`);
    return 2;
  }
  try {
    return await run(request, surroundings);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    surroundings.complain(error.message);
    return 2;
  }
}

type Request =
  | { readonly command: 'check' }
  | { readonly command: 'make-migration'; readonly title: string | undefined; readonly folder: string };

/** What is asked for; a text when it cannot be understood. */
function parse([command, ...rest]: readonly string[], migrations: string): Request | string {
  if (command === undefined) return 'Say what to do.';
  if (command === '--help' || command === '-h' || rest.includes('--help')) return 'help';
  if (command === 'check') {
    return rest.length === 0 ? { command } : `"check" takes nothing more, and not: ${rest.join(' ')}`;
  }
  if (command !== 'make-migration') return `There is no command "${command}".`;
  const into = rest.indexOf('--into');
  const folder = into === -1 ? migrations : rest[into + 1];
  if (folder === undefined) return '--into needs a folder.';
  const [title, ...more] = into === -1 ? rest : rest.toSpliced(into, 2);
  if (more.length > 0) return `"make-migration" takes one name, and not also: ${more.join(' ')}`;
  if (title?.startsWith('-') === true) return `There is no option "${title}".`;
  return { command, title: title?.replaceAll('-', '_'), folder };
}

async function run(request: Request, surroundings: CommandSurroundings): Promise<number> {
  const { say, complain, format } = surroundings;
  await using target = await openCheckTarget(surroundings);
  await using db = createDb(
    createPool(target.connectionString, { max: 1, applicationName: 'processflow-db' }),
  );
  const { pending } = await checkDatabase(db);
  if (pending.length > 0) {
    const waiting = `Not migrated yet: ${pending.join(', ')}. The app does it when it starts (npm start).`;
    if (request.command === 'make-migration') {
      complain(`${waiting} Run npm start first, then try again.`);
      return 2;
    }
    say(`${waiting} What follows may be closed by that.`);
  }
  const differences = await findDifferences(db);
  if (request.command === 'check') {
    say(`Checked ${target.name}. ${describeDifferences(differences)}`);
    return differences.length === 0 ? 0 : 1;
  }
  const { source, closed, open } = migrationSource(differences, channels);
  if (source === undefined) {
    const why = open.length === 0 ? '' : ' by a migration of triggers. '.concat(describeDifferences(open));
    complain(
      `Checked ${target.name}. There is nothing to do${why === '' ? ': it is as the definitions say.' : why}`,
    );
    return open.length === 0 ? 2 : 1;
  }
  const title = request.title ?? migrationTitle(closed.map(({ channel }) => channel));
  const name = await addMigration(request.folder, title, source);
  await format([`${request.folder}/${name}.ts`, `${request.folder}/index.ts`]);
  say(
    `Written: ${request.folder}/${name}.ts, which closes ${count(closed.length)}, and its line in index.ts.\n` +
      'Read it, then run: npm start (or npm run dev), which migrates the database, and npm run db -- check.',
  );
  if (open.length === 0) return 0;
  complain(`Left open, since no migration of triggers closes it:\n${describeDifferences(open)}`);
  return 1;
}

function count(differences: number): string {
  return differences === 1 ? 'the difference' : `${differences} differences`;
}
