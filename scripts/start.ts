import { endWithParent } from './lifetime.ts';
import { buildWebIfStale } from './web.ts';

endWithParent();
process.env['NODE_ENV'] ??= 'production';
if (await buildWebIfStale()) await import('../apps/server/src/main.ts');
else process.exitCode = 1;
