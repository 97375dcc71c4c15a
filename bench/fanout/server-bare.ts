/** The limit: `node:http`, and a ready buffer written to each response. Nobody is asked who they are, nothing is kept. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { encodeFrame, fanoutEvent, type FanoutEvent, ReadyBuffer } from './event.ts';
import { serve } from './serve.ts';

await serve(async ({ pingEvery }) => {
  const teams = new Map<number, Set<ServerResponse>>();
  const frame = new ReadyBuffer(encodeFrame(fanoutEvent(100_000, 1, 0)));
  const ping = Buffer.from('event: ping\ndata: \n\n\n');
  const server = createServer((request, response) => {
    const team = Number(request.url!.slice(1));
    const responses = teams.get(team) ?? new Set();
    teams.set(team, responses.add(response));
    response.once('close', () => responses.delete(response));
    // Without chunks, of which each write would be three.
    response.removeHeader('transfer-encoding');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: connected\ndata: {}\n\n\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  setInterval(() => {
    for (const responses of teams.values()) for (const response of responses) response.write(ping);
  }, pingEvery);
  return {
    port: (server.address() as AddressInfo).port,
    path: '/{team}',
    publish(events) {
      for (const [team, ofTeam] of byTeam(events)) {
        const joined = frame.join(ofTeam);
        for (const response of teams.get(team) ?? []) response.write(joined);
      }
    },
  };
});

function byTeam(events: readonly FanoutEvent[]): Map<number, FanoutEvent[]> {
  return Map.groupBy(events, ({ team_id }) => team_id);
}
