import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What a raw socket sees of an answer, without what changes from one second to the next. */
export interface Seen {
  readonly status: string;
  readonly headers: readonly string[];
  /** Without its chunks' frames. */
  readonly body: string;
  readonly closed: boolean;
}

export interface Asked {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly version?: '1.0' | '1.1';
  /** Whether that is enough to have seen. */
  readonly until?: (seen: string) => boolean;
}

/** An answer begins within `PATIENCE`, and is over when nothing came for `QUIET` milliseconds. */
const PATIENCE = 5_000;
const QUIET = 250;

/** Asks, byte by byte as told, and reads until nothing comes any more, nor is anything `isGoingOn` that may bring more. */
export async function ask(
  port: number,
  { method = 'GET', target, ...asked }: Asked,
  isGoingOn = (): boolean => false,
): Promise<Seen> {
  const { headers = {}, body = '', version = '1.1' } = asked;
  const socket = connect(port, '127.0.0.1');
  let text = '';
  const state = { closed: false };
  let last = performance.now();
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    text += String(data);
    last = performance.now();
  });
  socket.on('close', () => (state.closed = true));
  socket.on('error', () => (state.closed = true));
  const lines = Object.entries({ host: 'example.com', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.write([`${method} ${target} HTTP/${version}`, ...lines, '', body].join('\r\n'));
  const isOver = (): boolean =>
    state.closed ||
    asked.until?.(text) === true ||
    (!isGoingOn() && performance.now() - last > (text === '' ? PATIENCE : QUIET));
  while (!isOver()) await delay(5);
  socket.destroy();
  return read(text, state.closed);
}

function read(text: string, closed: boolean): Seen {
  const end = text.indexOf('\r\n\r\n');
  const [status = '', ...lines] = text.slice(0, end).split('\r\n');
  const body = text.slice(end + 4);
  const headers = lines.filter((line) => !/^(?:date|keep-alive):/i.test(line)).toSorted();
  const isChunked = lines.some((line) => /^transfer-encoding: chunked$/i.test(line));
  return { status, headers, body: isChunked ? unchunked(body) : body, closed };
}

function unchunked(body: string): string {
  let text = '';
  let at = 0;
  for (;;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.slice(at, end), 16);
    if (end < 0 || Number.isNaN(size)) return text;
    text += body.slice(end + 2, end + 2 + size);
    at = end + 4 + size;
  }
}
