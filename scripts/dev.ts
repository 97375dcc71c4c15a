import { endWithParent } from './lifetime.ts';

endWithParent();
process.env['NODE_ENV'] ??= 'development';
process.argv.push('--dev');
await import('../apps/server/src/main.ts');
