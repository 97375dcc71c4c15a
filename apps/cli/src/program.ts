/** How this program is run where nothing but Node is; with pnpm it is `pnpm processflow`. */
export const PROGRAM = 'npm run --silent processflow --';

/** How the database is compared with the definitions, likewise. */
export const DB_PROGRAM = 'npm run db --';

/** npm keeps options to itself that stand before its `--`; what is left of them here are their values. */
export function npmAdvice(env: NodeJS.ProcessEnv): string {
  const byNpm = env['npm_config_user_agent']?.startsWith('npm/') === true;
  return byNpm ? ` With npm, put \`--\` before the command: ${PROGRAM} tail --team 1.` : '';
}
