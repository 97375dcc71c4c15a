import type { transformTRPCResponse } from '@trpc/server';

import { createWire, type Wire } from '../wire.ts';

export type RouterConfig = Parameters<typeof transformTRPCResponse>[0];

const wires = new WeakMap<object, Wire>();

/** As tRPC's own producer writes it (11.19, `stream/sse.ts`), through the router's transformer. */
export function trpcWire({ transformer: { output } }: RouterConfig): Wire {
  let wire = wires.get(output);
  if (wire === undefined) {
    wire = createWire(
      namedFrame('ping', ''),
      (data) => JSON.stringify(output.serialize(data)),
      (json, id) => `data: ${json}\nid: ${id}\n\n\n`,
    );
    wires.set(output, wire);
  }
  return wire;
}

/** A frame that is about the stream itself. */
export function namedFrame(event: 'ping' | 'return' | 'serialized-error', data: string): string {
  return `event: ${event}\ndata: ${data}\n\n\n`;
}
