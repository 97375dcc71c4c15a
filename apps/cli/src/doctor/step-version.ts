import type { StepContext } from './context.ts';
import type { HopResult } from './hop.ts';
import { reasonOf } from './reason.ts';

/** Over HTTP/1.1 a browser opens six connections to a site; the stream takes one, of all its tabs together or of each. */
export async function httpVersionStep({ httpVersion, origin }: StepContext): Promise<HopResult> {
  let version: string | undefined;
  try {
    version = await httpVersion();
  } catch (error) {
    const finding = `Which version of HTTP is spoken could not be seen: ${reasonOf(error)}`;
    return { hop: 'HTTP version', state: 'warn', finding };
  }
  if (version === undefined) {
    return {
      hop: 'HTTP version',
      state: 'skip',
      finding: 'Which version of HTTP is spoken cannot be seen here.',
    };
  }
  if (!version.startsWith('http/1')) {
    return {
      hop: 'HTTP version',
      state: 'ok',
      finding: `${version}: any number of tabs share one connection.`,
    };
  }
  const isPlain = origin.startsWith('http:');
  return {
    hop: 'HTTP version',
    state: 'warn',
    finding: `${version}: a browser opens at most six connections to this address. The live stream takes one for all tabs together; in a browser without SharedWorker, one for each visible window.`,
    advice: `${isPlain ? 'Browsers speak HTTP/2 over TLS only. ' : ''}With a proxy in front, nginx for example:`,
    line: isPlain ? 'listen 443 ssl; http2 on;' : 'http2 on;',
  };
}
