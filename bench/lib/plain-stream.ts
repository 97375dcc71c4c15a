import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';

/** One event with the moment at which its last byte was read. */
export interface Arrived {
  readonly at: number;
  readonly data: Record<string, unknown>;
}

/** `GET /api/realtime` on a connection of its own. */
export class PlainStream {
  /** What came, unless `keep` says no. */
  readonly arrived: Arrived[] = [];
  ended = false;
  readonly #request: ClientRequest;
  readonly #keep: (data: Record<string, unknown>) => boolean;
  #wake = Promise.withResolvers<void>();

  constructor(url: string, cookie: string, keep: (data: Record<string, unknown>) => boolean = () => true) {
    this.#keep = keep;
    this.#request = request(`${url}/api/realtime`, { headers: { cookie }, agent: false });
    this.#request.on('error', () => this.#end());
    this.#request.end();
  }

  /** Resolves when the server has answered. */
  async open(): Promise<void> {
    const [response] = (await once(this.#request, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`A stream was answered ${response.statusCode}`);
    let rest = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      const at = performance.now();
      const frames = (rest + text).split('\n\n');
      rest = frames.pop()!;
      for (const frame of frames) this.#take(frame, at);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
    response.once('close', () => this.#end());
  }

  /** The first event from number `from` on that is so; fails when the stream ends without it. */
  async next(is: (data: Record<string, unknown>) => boolean, from = 0): Promise<Arrived> {
    for (;;) {
      const found = this.arrived.slice(from).find(({ data }) => is(data));
      if (found !== undefined) return found;
      if (this.ended) throw new Error('A stream ended without what it was to bring');
      // oxlint-disable-next-line no-await-in-loop -- until it comes
      await this.#wake.promise;
    }
  }

  close(): void {
    this.#request.destroy();
  }

  #take(frame: string, at: number): void {
    const json = /^data: (.*)$/m.exec(frame)?.[1];
    if (json === undefined) return;
    const data = JSON.parse(json) as Record<string, unknown>;
    if (this.#keep(data)) this.arrived.push({ at, data });
  }

  #end(): void {
    this.ended = true;
    this.#wake.resolve();
  }
}
