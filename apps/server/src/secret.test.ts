import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openDataDir } from './data-dir.ts';
import { SettingsError } from './env.ts';
import { keptSecret } from './secret.ts';

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'processflow-secret-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('the secret is made once, for its owner alone, and kept', async () => {
  await using folder = await temporaryFolder();
  const secret = keptSecret(folder.path);
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(keptSecret(folder.path)).toBe(secret);
  expect((await stat(join(folder.path, 'auth-secret'))).mode & 0o777).toBe(0o600);

  await using other = await temporaryFolder();
  expect(keptSecret(other.path)).not.toBe(secret);
});

test('a secret written by hand is taken without the line end of its editor', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'auth-secret'), `${'x'.repeat(32)}\n`);
  expect(keptSecret(folder.path)).toBe('x'.repeat(32));
});

test('an empty or short secret is refused and left alone, not signed with', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'auth-secret');
  for (const content of ['', 'too short']) {
    await writeFile(path, content);
    expect(() => keptSecret(folder.path)).toThrow(SettingsError);
    expect(() => keptSecret(folder.path)).toThrow(`The secret in ${path} is shorter than 32 characters.`);
    expect(await readFile(path, 'utf8')).toBe(content);
  }
});

test('a data folder is made with those above it; one that cannot be is named', async () => {
  await using folder = await temporaryFolder();
  const inner = join(folder.path, 'a', 'b');
  openDataDir(inner);
  openDataDir(inner);
  expect((await stat(inner)).isDirectory()).toBe(true);

  const file = join(folder.path, 'file');
  await writeFile(file, '');
  for (const path of [file, join(file, 'below')]) {
    expect(() => openDataDir(path)).toThrow(SettingsError);
    expect(() => openDataDir(path)).toThrow(`DATA_DIR="${path}" cannot be used as a folder: E`);
  }
});
