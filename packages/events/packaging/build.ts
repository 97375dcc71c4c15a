import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** `prepack`: what is published is compiled anew, so that nothing of an earlier build comes along. */
const kit = join(import.meta.dirname, '..');

rmSync(join(kit, 'dist'), { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: kit, stdio: 'inherit' });
