import type { AnyChangeEvent, StreamEvent } from '../event.ts';

type Data = StreamEvent<AnyChangeEvent>;

/** How one kind of client is written to. One and the same object gives the same bytes for the same frame. */
export interface Wire {
  /** The text of one frame. */
  encode(data: Data, id: string): string;
  /** What keeps a quiet connection awake. */
  readonly ping: string;
}

/** A wire whose clients' frames hang on the event, its position and `write` alone; each event is made JSON once. */
export function createWire(ping: string, toJson: (data: Data) => string, write: WriteFrame): Wire {
  const known = new WeakMap<Data, string>();
  return {
    ping,
    encode(data, id) {
      let json = known.get(data);
      if (json === undefined) known.set(data, (json = toJson(data)));
      return write(json, id, data.channel);
    },
  };
}

type WriteFrame = (json: string, id: string, channel: string) => string;

/**
 * Plain Server-Sent Events: the channel is the event's type. JSON escapes every line break, so that no row's text can
 * forge a frame.
 */
export const plainWire: Wire = createWire(
  ': ping\n\n',
  (data) => JSON.stringify(data),
  (json, id, channel) => `event: ${channel}\nid: ${id}\ndata: ${json}\n\n`,
);
