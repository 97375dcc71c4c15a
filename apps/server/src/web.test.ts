import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { SettingsError } from './env.ts';
import { serveBuiltWeb } from './web.ts';

async function builtWeb() {
  const path = await mkdtemp(join(tmpdir(), 'processflow-web-'));
  await mkdir(join(path, 'dist', 'assets'), { recursive: true });
  await writeFile(join(path, 'secret.txt'), 'not for the world');
  await writeFile(join(path, 'dist', 'index.html'), '<title>The app</title>');
  await writeFile(join(path, 'dist', 'assets', 'main-B1f2.js'), 'app();');
  const server = createServer(serveBuiltWeb(join(path, 'dist'))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    get: (target: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${target}`, init),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(path, { recursive: true });
    },
  };
}

test('every address of the app is the app, never cached unasked', async () => {
  await using web = await builtWeb();
  for (const path of ['/', '/teams/1/tasks/7', '/sign-in?next=/teams/1/models', '/index.html']) {
    const response = await web.get(path);
    expect(response.status, path).toBe(200);
    expect(await response.text()).toContain('The app');
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    const etag = response.headers.get('etag') ?? '';
    expect((await web.get(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
  }
});

test('what bears the hash of its content is cached for good', async () => {
  await using web = await builtWeb();
  const response = await web.get('/assets/main-B1f2.js');
  expect(await response.text()).toBe('app();');
  expect(response.headers.get('content-type')).toContain('javascript');
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

test('a script of an older build is not found, rather than a page where code is expected', async () => {
  await using web = await builtWeb();
  const response = await web.get('/assets/main-0ld.js');
  expect(response.status).toBe(404);
  expect(response.headers.get('cache-control')).toBeNull();
});

test('nothing beside the app is served', async () => {
  await using web = await builtWeb();
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
  ]) {
    expect(await (await web.get(path)).text(), path).not.toContain('not for the world');
  }
});

test('a web app that is not built is told of at the start', async () => {
  const nowhere = join(tmpdir(), 'processflow-no-such-folder');
  expect(() => serveBuiltWeb(nowhere)).toThrow(SettingsError);
  expect(() => serveBuiltWeb(nowhere)).toThrow('not built');
});
