import type { RequestListener, ServerResponse } from 'node:http';

import type { AnyTRPCRouter } from '@trpc/server';
import type { CreateHTTPHandlerOptions } from '@trpc/server/adapters/standalone';

import type { AnyChangeEvent } from '../../event.ts';
import { type PlainSseOptions, revokedFrame, writePlainHead, writePlainSse } from '../plain-sse.ts';
import { scheduleTimer } from '../schedule-timer.ts';
import { type Frame, FrameQueue } from '../subscriber.ts';
import { plainWire } from '../wire.ts';
import { type Attachment, Connection } from './connection.ts';
import { createHandler } from './handler.ts';
import { Pings } from './pings.ts';

const KILOBYTE = 1024;
const SECOND = 1_000;

export interface FanOutOptions {
  /** Bytes that may wait to be sent on one connection; with more its stream is set aside. Default: 128 KB. */
  readonly bufferLimit?: number;
  /** Told of frames that are written to one connection, which was opened at `opened`, milliseconds since 1970. */
  readonly onWrite?: (frames: readonly Frame<AnyChangeEvent>[], opened: number) => void;
  readonly schedule?: (run: () => void, milliseconds: number) => () => void;
}

/** What connections have been given since the start, but for `connections`: those that are open. */
export interface FanOutMetrics {
  readonly connections: number;
  readonly frames: number;
  readonly bytes: number;
}

export interface FanOut {
  readonly metrics: FanOutMetrics;
  /** As tRPC's `createHTTPHandler`, to whose answers its own are equal. */
  handler<Router extends AnyTRPCRouter>(options: CreateHTTPHandlerOptions<Router>): RequestListener;
  /** As {@link writePlainSse}. Resolves when the connection is closed. */
  writePlain(
    response: ServerResponse,
    frames: AsyncIterableIterator<Frame<AnyChangeEvent>>,
    options: PlainSseOptions,
  ): Promise<void>;
  /**
   * Ends every stream so that its client comes back, each at another moment within so many milliseconds. Default: 5 s.
   */
  sendAway(spread?: number): void;
}

/**
 * Writes hubs' streams to their connections: an event is made bytes once for all who hear the same, and each connection
 * is written to once a tick, where tRPC's own path makes every event anew for every subscriber and leads it through
 * several streams. Procedures that begin with {@link attachStreams} are served that way to every client on HTTP/1.1,
 * which does not notice; all else is answered by tRPC itself.
 *
 * @example
 * const fanOut = createFanOut();
 * server.on('request', fanOut.handler({ router: appRouter, createContext: () => ({ userId }) }));
 */
export function createFanOut(options: FanOutOptions = {}): FanOut {
  const { bufferLimit = 128 * KILOBYTE, schedule = scheduleTimer, onWrite } = options;
  const connections = new Set<Connection>();
  const wheels = new Map<number, Pings>();
  let frames = 0;
  let bytes = 0;

  function pingsOf(every: number): Pings {
    let pings = wheels.get(every);
    if (pings === undefined) wheels.set(every, (pings = new Pings(every, schedule)));
    return pings;
  }

  function attach({ pingEvery, ...attachment }: Attachment): void {
    const opened = Date.now();
    const connection = new Connection({
      ...attachment,
      bufferLimit,
      pings: pingEvery === undefined ? undefined : pingsOf(pingEvery),
      onWrite(delivery, written) {
        bytes += written;
        frames += delivery.frames.length;
        onWrite?.(delivery.frames, opened);
      },
      onClose: () => connections.delete(connection),
    });
    connections.add(connection);
  }

  return {
    metrics: {
      get connections() {
        return connections.size;
      },
      get frames() {
        return frames;
      },
      get bytes() {
        return bytes;
      },
    },
    handler: (handlerOptions) => createHandler(handlerOptions, attach),
    async writePlain(response, stream, plainOptions) {
      const queue: unknown = stream;
      if (!isQueue(queue)) return writePlainSse(response, stream, plainOptions);
      const closed = new Promise<void>((resolve) => response.once('close', resolve));
      void closed.then(() => queue.return());
      const first = await queue.next();
      if (first.done === true || response.closed) return;
      writePlainHead(response);
      response.write(plainWire.encode(first.value.data, first.value.id));
      attach({
        response,
        queue,
        wire: plainWire,
        pingEvery: plainOptions.ping,
        last: (revocation) => Promise.resolve(revocation && revokedFrame(revocation)),
      });
      await closed;
    },
    sendAway(spread = 5 * SECOND) {
      let nth = 0;
      for (const connection of connections) {
        connection.sendAway(Math.round((spread * nth) / connections.size));
        nth += 1;
      }
    },
  };
}

function isQueue(stream: unknown): stream is FrameQueue<AnyChangeEvent> {
  return stream instanceof FrameQueue;
}
