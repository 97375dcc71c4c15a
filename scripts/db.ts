import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings, SettingsError } from '../apps/server/src/env.ts';
import { runDatabaseCommand } from '../db/check-command.ts';
import { endWithParent } from './lifetime.ts';
import { run } from './run.ts';

endWithParent();
const root = fileURLToPath(new URL('..', import.meta.url));
const complain = (text: string): void => console.error(text);
try {
  const { databaseUrl, dataDir } = readSettings(process.env);
  process.exitCode = await runDatabaseCommand(process.argv.slice(2), {
    databaseUrl,
    dataDir,
    migrations: relative('', join(root, 'db', 'migrations')),
    say: (text) => console.log(text),
    complain,
    async format(files) {
      let said = '';
      const onOutput = (text: string): void => void (said += text);
      const code = await run(join(root, 'node_modules', '.bin', 'oxfmt'), [...files], { onOutput });
      if (code !== 0) complain(`${said}The files could not be formatted: npm run format`);
    },
  });
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  complain(error.message);
  process.exitCode = 2;
}
