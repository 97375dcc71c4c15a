/**
 * Tells the probes of which PostgreSQL notified this server from those that it only found in the change log: streams
 * hear both alike.
 */
export interface ProbeEar {
  /** What the server's listener was notified of. */
  hear(channel: string, payload: string): void;
  /** From now on; resolves when this probe was notified of. */
  listenFor(nonce: string): Disposable & { readonly heard: Promise<true> };
}

export function createProbeEar(): ProbeEar {
  const awaited = new Map<string, () => void>();
  return {
    hear(channel, payload) {
      if (channel !== 'probe_changes') return;
      for (const [text, resolve] of awaited) if (payload.includes(text)) resolve();
    },
    listenFor(nonce) {
      const { promise, resolve } = Promise.withResolvers<true>();
      const text = JSON.stringify(nonce);
      awaited.set(text, () => resolve(true));
      return { heard: promise, [Symbol.dispose]: () => void awaited.delete(text) };
    },
  };
}
