import { TRPCError } from '@trpc/server';

import { networkOf } from './limits-address.ts';
import { type Entered, Meter } from './limits-meter.ts';
import type { ViewerKey } from './viewer.ts';

export interface StreamLimitSettings {
  /** Streams that one person, or one token, may have open at once; and one address. */
  readonly streamsPerViewer: number;
  readonly streamsPerAddress: number;
  /** Streams that they may open within a minute. */
  readonly opensPerViewer: number;
  readonly opensPerAddress: number;
}

/** The kinds of refusals, as metrics and errors (`data.limit`) name them. */
export const STREAM_LIMITS = [
  'input',
  'streams-per-address',
  'opens-per-address',
  'streams-per-viewer',
  'opens-per-viewer',
] as const;

export type StreamLimit = (typeof STREAM_LIMITS)[number];

/** A stream was not opened, because there would be too many, too often, or for too long a question. */
export class StreamLimitReached extends TRPCError {
  readonly limit: StreamLimit;
  /** When to come back; never for what is too long. */
  readonly retryAfterMs: number | undefined;

  constructor(limit: StreamLimit, message: string, retryAfterMs?: number) {
    super({ code: retryAfterMs === undefined ? 'BAD_REQUEST' : 'TOO_MANY_REQUESTS', message });
    this.limit = limit;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Bytes of the address and `Last-Event-ID` together. All channels by name and a position are less than half of it. */
export const LONGEST_QUESTION = 4096;

/** What asks for a stream, before anything was read of it. */
export interface Asking {
  readonly address: string;
  readonly url: string;
  readonly lastEventId: string | undefined;
}

/** Where to learn that it is over: node's response. */
export interface Ending {
  readonly closed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/** A stream that its address may open, as long as its viewer may. */
export interface Admission {
  /** Throws {@link StreamLimitReached}. */
  ofViewer(viewer: ViewerKey): void;
}

export interface StreamLimits {
  readonly refused: Readonly<Record<StreamLimit, number>>;
  /** Counts a stream until `ending` closes. Throws {@link StreamLimitReached}. */
  admit(asking: Asking, ending: Ending): Admission;
}

const SECOND = 1000;
/** Nobody knows when somebody closes a stream. */
const WHEN_ONE_CLOSES = 10 * SECOND;

/** What one viewer and one address may ask of this server process; nothing is kept of those who left. */
export function createStreamLimits(
  settings: StreamLimitSettings,
  now: () => number = () => performance.now(),
): StreamLimits {
  const addresses = new Meter({
    atOnce: settings.streamsPerAddress,
    perMinute: settings.opensPerAddress,
    now,
  });
  const viewers = new Meter({ atOnce: settings.streamsPerViewer, perMinute: settings.opensPerViewer, now });
  const refused = Object.fromEntries(STREAM_LIMITS.map((limit) => [limit, 0])) as Record<StreamLimit, number>;

  const refuse = (limit: StreamLimit, message: string, retryAfterMs?: number): never => {
    refused[limit] += 1;
    throw new StreamLimitReached(limit, message, retryAfterMs);
  };
  const enter = (entered: Entered, who: 'address' | 'viewer', ending: Ending): void => {
    const owner = who === 'address' ? 'this network address' : 'you';
    const { streams, opens } = {
      address: { streams: settings.streamsPerAddress, opens: settings.opensPerAddress },
      viewer: { streams: settings.streamsPerViewer, opens: settings.opensPerViewer },
    }[who];
    if (entered.kind === 'too-many-at-once') {
      const message = `There are ${streams} live connections open from ${owner}, and no more than that at once. Close one, in another browser or a program that listens, then it works again.`;
      return refuse(`streams-per-${who}`, message, WHEN_ONE_CLOSES);
    }
    if (entered.kind === 'too-often') {
      const message = `More than ${opens} live connections a minute were opened from ${owner}. It works again in a moment.`;
      return refuse(`opens-per-${who}`, message, entered.retryAfterMs);
    }
    if (ending.closed) entered.leave();
    else ending.once('close', entered.leave);
  };

  return {
    refused,
    admit({ address, url, lastEventId = '' }, ending) {
      const length = Buffer.byteLength(url) + Buffer.byteLength(lastEventId);
      if (length > LONGEST_QUESTION) {
        const message = `This asks for a stream in ${length} bytes, and ${LONGEST_QUESTION} are the most. Name fewer channels, or none for all of them.`;
        return refuse('input', message);
      }
      enter(addresses.enter(networkOf(address)), 'address', ending);
      return {
        ofViewer(viewer) {
          const name = 'token' in viewer ? `token:${viewer.token.id}` : `profile:${viewer.profileId}`;
          enter(viewers.enter(name), 'viewer', ending);
        },
      };
    },
  };
}
