import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Status and headers, as tRPC's adapter sets them: a status that a procedure has set stays. */
export function writeHead(response: ServerResponse, answer: Response): void {
  if (response.statusCode === 200) response.statusCode = answer.status;
  for (const [name, value] of answer.headers) {
    if (name !== 'set-cookie') response.setHeader(name, value);
  }
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
}

/** An answer that tRPC has made, written as its adapter does. */
export async function writeOut(
  response: ServerResponse,
  answer: Response,
  signal: AbortSignal,
): Promise<void> {
  writeHead(response, answer);
  const sink = new WritableStream<Uint8Array>({
    async write(chunk) {
      if (!response.write(chunk)) await once(response, 'drain', { signal });
      (response as { flush?: () => void }).flush?.();
    },
  });
  try {
    await answer.body?.pipeTo(sink, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    response.end();
  }
}

const END_OF_FRAME = '\n\n\n';

/** The frame that tRPC begins a stream with, of which nothing else is read. */
export async function connectedFrame({ body }: Response): Promise<string> {
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!text.endsWith(END_OF_FRAME)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  reader.cancel().catch(() => undefined);
  return text;
}
