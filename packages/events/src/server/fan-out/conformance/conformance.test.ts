import { setTimeout as delay } from 'node:timers/promises';

import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { describe, expect, test, vi } from 'vitest';

import { createFanOut } from '../index.ts';
import { type Application, createApplication, serve } from './application.ts';
import { ask, type Asked, type Seen } from './raw-http.ts';

type Settings = Parameters<typeof createApplication>[0];

/** Tells what each of the two handlers lets a raw socket see, and its owner hear of errors, under the same acts. */
async function seenByBoth(
  asked: Asked,
  act?: (application: Application) => Promise<void>,
  settings?: Settings,
) {
  const seen = async (isOurs: boolean) => {
    const application = createApplication(settings);
    const fanOut = createFanOut();
    await using server = await serve(
      isOurs ? fanOut.handler(application.options) : createHTTPHandler(application.options),
    );
    let isActing = act !== undefined;
    const acting = act?.(application).finally(() => (isActing = false));
    const [answer] = await Promise.all([ask(server.port, asked, () => isActing), acting]);
    await vi.waitFor(() => expect(application.hub.subscriberCount).toBe(0));
    const attached = fanOut.metrics.frames;
    return { answer, errors: application.errors, reported: application.reported, attached };
  };
  const [standard, ours] = await Promise.all([seen(false), seen(true)]);
  const { attached, ...rest } = ours;
  return {
    standard: { answer: standard.answer, errors: standard.errors, reported: standard.reported },
    ours: rest,
    attached,
  };
}

/** Until the stream stands. */
async function stands({ hub }: Application): Promise<void> {
  await vi.waitFor(() => expect(hub.metrics.deliveries).toBeGreaterThan(0));
  await delay(20);
}

const AS_ADA = { authorization: 'ada' };
const CHANGES = { target: '/trpc/changes', headers: AS_ADA };

async function writesAndTakesAway(application: Application): Promise<void> {
  await stands(application);
  application.note('first, with "quotes", ünïcode and a\nline break');
  application.note('second');
  await delay(20);
  application.takeAway('ada');
  application.note('third, not for Ada');
}

describe.each([{ transforming: false }, { transforming: true }])(
  'transforming: $transforming',
  (settings) => {
    test('a stream with its first frame, events and its end by a revocation', async () => {
      const { standard, ours, attached } = await seenByBoth(CHANGES, writesAndTakesAway, settings);
      expect(ours).toEqual(standard);
      expect(attached).toBe(3);
      expect(ours.answer).toMatchObject({ status: 'HTTP/1.1 200 OK', closed: false });
      expect(names(ours.answer)).toEqual(['connected', 'message', 'message', 'message', 'serialized-error']);
      expect(ours.errors).toEqual(['subscription changes: FORBIDDEN This is not your team any more.']);
    });

    test('a stream that ends by itself', async () => {
      const asked = { target: '/trpc/returning', headers: AS_ADA };
      const { standard, ours, attached } = await seenByBoth(asked, undefined, settings);
      expect(ours).toEqual(standard);
      expect(attached).toBe(1);
      expect(names(ours.answer)).toEqual(['connected', 'message', 'return']);
    });
  },
);

test('pings a quiet stream', async () => {
  const twoPings = (text: string) => text.split('event: ping').length > 2;
  const { standard, ours } = await seenByBoth({ ...CHANGES, until: twoPings }, undefined, { pingEvery: 40 });
  expect(ours.answer.body.slice(0, standard.answer.body.length)).toBe(standard.answer.body);
  expect(names(ours.answer)).toEqual(['connected', 'message', 'ping', 'ping']);
});

test('a stream ends at its longest duration, and says nothing of it', async () => {
  const { standard, ours, attached } = await seenByBoth(CHANGES, undefined, { maxDurationMs: 60 });
  expect(ours).toEqual(standard);
  expect(attached).toBe(1);
  expect(names(ours.answer)).toEqual(['connected', 'message']);
});

const LARGE = 'x'.repeat(2_000);
const questions: Record<string, Asked> = {
  HEAD: { ...CHANGES, method: 'HEAD' },
  POST: { ...CHANGES, method: 'POST', headers: { ...AS_ADA, 'content-length': '2' }, body: '{}' },
  PUT: { ...CHANGES, method: 'PUT' },
  'a preflight': { ...CHANGES, method: 'OPTIONS' },
  'a stop by what stands before': { ...CHANGES, headers: { ...AS_ADA, 'x-stop': '1' } },
  'a context that cannot be made': { ...CHANGES, headers: { ...AS_ADA, 'x-break': '1' } },
  'something between the response and its socket': { ...CHANGES, headers: { ...AS_ADA, 'x-between': '1' } },
  nobody: { target: '/trpc/changes' },
  'input that is no JSON': { ...CHANGES, target: '/trpc/changes?input=%7B' },
  'input of another kind': {
    ...CHANGES,
    target: '/trpc/changes?input=%7B%22channels%22%3A%5B%22nosuch%22%5D%7D',
  },
  'channels that are there': {
    ...CHANGES,
    target: '/trpc/changes?input=%7B%22channels%22%3A%5B%22notes%22%5D%7D',
  },
  'a position as input': { ...CHANGES, target: '/trpc/changes?input=%7B%22lastEventId%22%3A%22p0%22%7D' },
  'a position in the header': { ...CHANGES, headers: { ...AS_ADA, 'last-event-id': 'elsewhere' } },
  'a batch': { ...CHANGES, target: '/trpc/changes?batch=1&input=%7B%7D' },
  'a batch of two': { ...CHANGES, target: '/trpc/changes,hello?batch=1&input=%7B%7D' },
  'lines of JSON': { ...CHANGES, headers: { ...AS_ADA, 'trpc-accept': 'application/jsonl' } },
  'an unknown path': { ...CHANGES, target: '/trpc/nosuch' },
  'a query': { ...CHANGES, target: '/trpc/hello?input=%22Bo%22' },
  'a mutation': {
    target: '/trpc/rename',
    method: 'POST',
    headers: { ...AS_ADA, 'content-type': 'application/json', 'content-length': '5' },
    body: '"Cleo"'.slice(0, 5),
  },
  'a body that is too large': {
    target: '/trpc/rename',
    method: 'POST',
    headers: { ...AS_ADA, 'content-type': 'application/json', 'content-length': String(LARGE.length) },
    body: LARGE,
  },
  'without the middleware': { ...CHANGES, target: '/trpc/unattached' },
  'a hub’s stream that was wrapped': { ...CHANGES, target: '/trpc/wrapped' },
  'another subscription': { ...CHANGES, target: '/trpc/counting' },
  'a middleware that refuses for good': { ...CHANGES, target: '/trpc/refused' },
  'a middleware that refuses for now': { ...CHANGES, target: '/trpc/unavailable' },
  'a stream that does not open': { ...CHANGES, target: '/trpc/broken' },
  'HTTP/1.0': { ...CHANGES, version: '1.0' },
  'a connection that is to be closed': { ...CHANGES, headers: { ...AS_ADA, connection: 'close' } },
};

test.each(Object.entries(questions))('%s', async (_, asked) => {
  const { standard, ours } = await seenByBoth(asked);
  expect(ours).toEqual(standard);
});

/** Of one and the same procedure, and of what only looks like it. */
const SPELLINGS = [
  '/trpc/changes',
  '/trpc//changes',
  '//trpc/changes',
  '/trpc/changes/',
  '/trpc/changes//',
  '/trpc/./changes',
  '/trpc/%2e/changes',
  '/./trpc/changes',
  '/trpc/../trpc/changes',
  '/x/../trpc/changes',
  '/x/%2e%2e/trpc/changes',
  '/trpc/x/../changes',
  '/trpc/changes/..',
  '/trpc/changes/.',
  '/trpc/Changes',
  '/TRPC/changes',
  '/trpc/CHANGES',
  '/trpc/%63hanges',
  '/trpc/%63%68%61%6e%67%65%73',
  '/%74rpc/changes',
  '/trpc%2fchanges',
  '/trpc/%2fchanges',
  '/trpc/changes%2f',
  '/trpc/changes%20',
  '/trpc/%20changes',
  '/trpc/changes%00',
  '/trpc/changes%',
  '/trpc/changes%zz',
  '/trpc/changes;a=b',
  '/trpc/changes?',
  '/trpc/changes??',
  '/trpc/changes?x=1',
  '/trpc/changes?input',
  '/trpc/changes?input=',
  '/trpc/changes#x',
  '/trpc\\changes',
  '/trpc/changes,changes',
  '/trpc/team.changes',
  '/trpc/team/changes',
  '/trpc/team%2echanges',
  '/trpc/changes.',
  '/trpc/__proto__',
  '/trpc/constructor',
  '/trpc/toString',
  '/changes',
  'trpc/changes',
  'http://example.com/trpc/changes',
  'http://other.example:1/trpc/changes',
  'http://[/trpc/changes',
  '/',
  '*',
] as const;

test.each(SPELLINGS)('%s is answered as by the adapter', async (target) => {
  const { standard, ours } = await seenByBoth({ target, headers: AS_ADA });
  expect(ours).toEqual(standard);
});

test.each(SPELLINGS)('%s is no stream without a session', async (target) => {
  const { standard, ours, attached } = await seenByBoth({ target });
  expect(ours).toEqual(standard);
  expect(attached).toBe(0);
  expect(ours.answer.body).not.toContain('"position"');
});

describe('a client that goes', () => {
  const phases: Record<string, (text: string) => boolean> = {
    'at once': () => true,
    'with the head': (text) => text.includes('\r\n\r\n'),
    'with the first frame': (text) => text.includes('"position"'),
  };
  test.each(Object.entries(phases))('%s leaves the hub', async (_, until) => {
    const { standard, ours } = await seenByBoth({ ...CHANGES, until });
    expect(ours.errors).toEqual(standard.errors);
    expect(ours.reported).toEqual([]);
  });
});

/** The types of a stream's frames, in order. */
function names({ body }: Seen): string[] {
  return body
    .split('\n\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => /^event: (.*)$/m.exec(frame)?.[1] ?? 'message');
}
