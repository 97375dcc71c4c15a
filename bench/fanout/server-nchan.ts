/** nginx with Nchan, published to over HTTP: this process only publishes, on one connection, without waiting for answers. */
import { encodeFrame, fanoutEvent, type FanoutEvent, ReadyBuffer } from './event.ts';
import { findNchan, startNginx } from './nginx.ts';
import { serve } from './serve.ts';

await serve(async (config) => {
  const installed = findNchan();
  if (installed === undefined) throw new Error('nginx with Nchan is not installed');
  const { port, publisher, usage, close } = await startNginx(installed, config);
  publisher.on('data', (answers) => {
    const refused = /^HTTP\/1\.1 [345].*/m.exec(answers.toString('latin1'))?.[0];
    if (refused !== undefined) throw new Error(`Nchan does not take what is published: ${refused}`);
  });
  const requests = new Map<number, ReadyBuffer>();
  const requestTo = (team: number): ReadyBuffer => {
    const known = requests.get(team);
    if (known !== undefined) return known;
    const made = new ReadyBuffer(publishRequest(fanoutEvent(100_000, team, 0)));
    requests.set(team, made);
    return made;
  };
  return {
    port,
    path: '/subscribe/{team}',
    usage,
    close,
    publish(events) {
      publisher.write(Buffer.concat(events.map((event) => requestTo(event.team_id).join([event]))));
    },
  };
});

/** Nchan writes the frame's other lines itself. */
function publishRequest(event: FanoutEvent): string {
  const body = /^data: (.*)$/m.exec(encodeFrame(event))![1]!;
  return (
    `POST /publish/${event.team_id} HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
