import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import type { AnyChangeEvent } from '../event.ts';
import { Revocation } from './access.ts';
import type { Frame } from './subscriber.ts';
import { plainWire } from './wire.ts';

export interface PlainSseOptions {
  /** Milliseconds between comments that keep the connection, and what stands in its way, awake. */
  readonly ping: number;
}

/**
 * One event as plain SSE: the bytes of its frame as text. JSON escapes every line break, so that no row's text can
 * forge a frame.
 *
 * @example
 * encodePlainFrame(frame); // 'event: role_changes\nid: 5f0c-17\ndata: {"channel":"role_changes",...}\n\n'
 */
export function encodePlainFrame(frame: Frame<AnyChangeEvent>): string {
  return plainWire.encode(frame.data, frame.id);
}

/**
 * Writes frames as a `text/event-stream` until the stream or the connection ends. The first frame is awaited before
 * the head is sent, so that a {@link Revocation} at the door rejects and can still become a status.
 *
 * @example
 * server.on('request', async (request, response) => {
 *   const frames = await hub.subscribe({ key: userId });
 *   await writePlainSse(response, frames, { ping: 15_000 });
 * });
 */
export async function writePlainSse(
  response: ServerResponse,
  frames: AsyncIterableIterator<Frame<AnyChangeEvent>>,
  options: PlainSseOptions,
): Promise<void> {
  const gone = new AbortController();
  const onClose = (): void => {
    gone.abort();
    void frames.return?.();
  };
  response.once('close', onClose);
  const first = await frames.next();
  if (first.done === true || gone.signal.aborted) return;

  writePlainHead(response);
  const ping = setInterval(() => {
    if (!response.writableNeedDrain) response.write(plainWire.ping);
  }, options.ping);
  try {
    await write(response, encodePlainFrame(first.value), gone.signal);
    for await (const frame of frames) await write(response, encodePlainFrame(frame), gone.signal);
  } catch (error) {
    if (gone.signal.aborted) return;
    if (!(error instanceof Revocation)) throw error;
    response.write(revokedFrame(error));
  } finally {
    clearInterval(ping);
    response.end();
  }
}

export function writePlainHead(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
}

export function revokedFrame({ code, message }: Revocation): string {
  return `event: revoked\ndata: ${JSON.stringify({ code, message })}\n\n`;
}

async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (!response.write(text)) await once(response, 'drain', { signal });
}
