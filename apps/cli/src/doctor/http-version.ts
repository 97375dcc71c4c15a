import { once } from 'node:events';
import { connect } from 'node:tls';

/**
 * The best version of HTTP that a browser would be given at this address, by ALPN. Whose certificate it is does not
 * matter here: nothing is sent.
 */
export async function httpVersionOf(origin: string, signal: AbortSignal): Promise<string> {
  const { protocol, hostname, port } = new URL(origin);
  if (protocol !== 'https:') return 'http/1.1';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({
    host,
    port: Number(port || 443),
    ALPNProtocols: ['h2', 'http/1.1'],
    rejectUnauthorized: false,
    // A name is asked for by SNI, an address is not.
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
  });
  try {
    await once(socket, 'secureConnect', { signal });
    return socket.alpnProtocol || 'http/1.1';
  } finally {
    socket.destroy();
  }
}
