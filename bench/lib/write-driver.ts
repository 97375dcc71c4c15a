import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { pgbenchScript, type Style, WRITERS } from './writes-tables.ts';

export interface Driver {
  /** Says whose figures these are. */
  readonly name: string;
  /** Lets the writers write as fast as they can, in the style's database. */
  run(style: Style, connectionString: string, seconds: number): Promise<Written>;
}

export interface Written {
  readonly transactions: number;
  readonly perSecond: number;
}

/** PostgreSQL's own pgbench where there is one, else the same in Node: eight clients, prepared statements, no pauses. */
export function findDriver(): Driver {
  const pgbench = findPgbench();
  return pgbench === undefined ? nodeDriver() : pgbenchDriver(pgbench);
}

/** On the path, or where Debian keeps the programs of each version. */
export function findPgbench(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  return [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
    .map((folder) => join(folder, 'pgbench'))
    .find((path) => existsSync(path));
}

export function pgbenchDriver(pgbench: string): Driver {
  return {
    name: 'pgbench',
    async run(style, connectionString, seconds) {
      const url = new URL(connectionString);
      const env = { ...process.env, PGPASSWORD: decodeURIComponent(url.password) };
      url.password = '';
      const args = ['-n', '-M', 'prepared', '-c', String(WRITERS), '-j', '2', '-T', String(seconds)];
      const child = spawn(pgbench, [...args, '-f', '-', url.href], { env });
      child.stdin.end(pgbenchScript(style));
      const [output, complaints, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1]);
      const written = {
        transactions: number(/transactions actually processed: (\d+)/),
        perSecond: number(/tps = ([\d.]+)/),
      };
      if (code !== 0 || Number.isNaN(written.transactions + written.perSecond)) {
        throw new Error(`${pgbench} failed (${code}):\n${output}${complaints}`);
      }
      return written;
    },
  };
}

/** In two processes, since one would be busy all the time. */
export function nodeDriver(): Driver {
  const processes = 2;
  return {
    name: 'node',
    async run(style, connectionString, seconds) {
      const children = Array.from({ length: processes }, (_, number) =>
        fork(new URL('./node-writers.ts', import.meta.url), [
          connectionString,
          style,
          String(seconds),
          String((number * WRITERS) / processes),
          String(WRITERS / processes),
        ]),
      );
      const answers = await Promise.all(
        children.map(async (child) => {
          const ended = once(child, 'exit').then(([code]) => {
            throw new Error(`A writing process ended early (${code})`);
          });
          ended.catch(() => undefined);
          const [written] = (await Promise.race([once(child, 'message'), ended])) as [Written];
          return written;
        }),
      );
      return {
        transactions: answers.reduce((sum, { transactions }) => sum + transactions, 0),
        perSecond: answers.reduce((sum, { perSecond }) => sum + perSecond, 0),
      };
    },
  };
}
