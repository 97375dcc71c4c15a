import type { IncomingMessage } from 'node:http';

import { expect, test } from 'vitest';

import { isForeign, ownOrigin, trustOwnOrigin } from './origin.ts';

const PUBLIC = 'https://flow.example.com';

function foreign(headers: Record<string, string>, publicUrl?: string): boolean {
  return isForeign({ headers } as unknown as IncomingMessage, publicUrl);
}

test('without a public address, ours is the one that the request was sent to', () => {
  const host = 'localhost:3000';
  expect(foreign({ host, origin: 'http://localhost:3000' })).toBe(false);
  expect(foreign({ host: '[::1]:3000', origin: 'http://[::1]:3000' })).toBe(false);
  for (const origin of [
    'http://evil.example',
    'http://localhost:3001',
    'http://localhost',
    'https://localhost:3000',
    'http://localhost:3000.evil.example',
    'http://127.0.0.1:3000',
    // A sandboxed frame, a file, a redirect across sites.
    'null',
    '',
  ]) {
    expect(foreign({ host, origin }), origin).toBe(true);
  }
});

test('with a public address only that is ours, whatever host the proxy names', () => {
  const host = 'flow.internal:3000';
  expect(foreign({ host, origin: PUBLIC }, PUBLIC)).toBe(false);
  for (const origin of ['http://flow.internal:3000', 'http://flow.example.com', `${PUBLIC}:8443`, 'null']) {
    expect(foreign({ host, origin }, PUBLIC), origin).toBe(true);
  }
});

test('a request without an origin is a program or a person, unless the browser says it is another site', () => {
  const host = 'localhost:3000';
  expect(foreign({ host })).toBe(false);
  for (const site of ['none', 'same-origin', 'same-site']) {
    expect(foreign({ host, 'sec-fetch-site': site }), site).toBe(false);
  }
  expect(foreign({ host, 'sec-fetch-site': 'cross-site' })).toBe(true);
  expect(foreign({ host, 'sec-fetch-site': 'cross-site' }, PUBLIC)).toBe(true);
});

test('better-auth is told the same origin', () => {
  const request = new Request('http://localhost:3000/api/auth/sign-in/email', {
    headers: { host: 'localhost:3000' },
  });
  expect(trustOwnOrigin(undefined)(request)).toEqual(['http://localhost:3000']);
  expect(trustOwnOrigin(PUBLIC)(request)).toEqual([PUBLIC]);
  expect(trustOwnOrigin(PUBLIC)()).toEqual([]);
  expect(ownOrigin(undefined, undefined)).toBe('http://localhost');
});
