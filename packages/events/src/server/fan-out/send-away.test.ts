import { connect } from 'node:net';

import { expect, test, vi } from 'vitest';

import { createApplication, serve } from './conformance/application.ts';
import { createFanOut } from './index.ts';

test('whoever is sent away is told when to come back, each at another moment, and leaves the hub', async () => {
  const application = createApplication();
  const fanOut = createFanOut();
  await using server = await serve(fanOut.handler(application.options));
  const clients = Array.from({ length: 4 }, () => {
    const client = { text: '' };
    const socket = connect(server.port, '127.0.0.1');
    socket.setEncoding('latin1').on('data', (data) => void (client.text += String(data)));
    socket.write('GET /trpc/changes HTTP/1.1\r\nhost: x\r\nauthorization: ada\r\n\r\n');
    return client;
  });
  for (const client of clients) await vi.waitFor(() => expect(client.text).toContain('"position"'));
  application.note('the last one');
  fanOut.sendAway(2_000);
  application.note('one too many');
  for (const client of clients) await vi.waitFor(() => expect(client.text).toMatch(/\r\n0\r\n\r\n$/));
  const retries = clients.map(({ text }) => Number(/^retry: (\d+)$/m.exec(text)?.[1]));
  expect(retries.toSorted((a, b) => a - b)).toEqual([0, 500, 1_000, 1_500]);
  for (const { text } of clients) {
    expect(text).toContain('the last one');
    expect(text).not.toMatch(/one too many|event: return/);
  }
  expect(application.hub.subscriberCount).toBe(0);
  expect(fanOut.metrics.connections).toBe(0);
  expect(application.errors).toEqual([]);
});
