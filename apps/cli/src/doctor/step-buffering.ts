import { type Judged, newNonce, seconds, type StepContext } from './context.ts';
import type { HopResult } from './hop.ts';
import type { ListenerJudged } from './step-listener.ts';
import { isProbeOf, PROBE_CHANNEL, type ProbeEvent } from './probe.ts';
import { reasonOf } from './reason.ts';
import { member, openSse, type SseFrame, type SseStream } from './sse.ts';

/** A frame that arrives later than this after it was sent was held back, in milliseconds. */
const LATE = 1000;

export interface Opened extends Disposable {
  readonly sse: SseStream;
  /** The first frame: a position or the server's refusal. */
  readonly first: SseFrame | undefined;
}

export interface BufferingJudged extends Judged {
  /** The probe as it arrived on the stream. */
  readonly event: ProbeEvent | undefined;
}

/** Opens the app's own stream, of the probe's channel alone, and waits for its first frame. */
export async function openStep(context: StepContext, lastEventId?: string): Promise<Opened> {
  const { origin, teamId, headers = {}, signal, patience } = context;
  const input = { teamId, channels: [PROBE_CHANNEL], ...(lastEventId !== undefined && { lastEventId }) };
  const url = `${origin}/api/trpc/realtime.changes?input=${encodeURIComponent(JSON.stringify(input))}`;
  const sse = openSse(url, { headers, signal });
  const first = await sse.next(({ event }) => event === 'message' || isEnding(event), patience.answer);
  return { sse, first, [Symbol.dispose]: () => sse[Symbol.dispose]() };
}

export function isEnding(event: string): boolean {
  return event === 'serialized-error' || event === 'return';
}

/** Whether bytes come through as they are sent: the stream's first frame, and a probe's event. */
export async function bufferingStep(
  context: StepContext,
  { sse, first }: Opened,
  listener: ListenerJudged,
): Promise<BufferingJudged> {
  const { patience } = context;
  const isSilent = first === undefined && sse.end === undefined;
  const greeting = isSilent && (await sse.next(({ event }) => event === 'connected', 0));
  if (greeting && listener.result.state === 'fail') return unmeasured(sse, greeting);
  if (isSilent) {
    return held(sse, `Nothing of the stream came through within ${seconds(patience.answer)}`);
  }
  if (first === undefined || isEnding(first.event)) {
    return skipped('The stream did not open, so nothing could be measured.');
  }
  const late = first.at - sentAt(sse, first, listener.clockAhead);
  if (late > LATE) return held(sse, `The stream's first frame arrived ${seconds(late)} after it was sent`);
  if (listener.result.state === 'fail' || listener.result.state === 'skip') {
    return passed(late);
  }

  const nonce = newNonce();
  const isMine = isProbeOf(nonce);
  let answeredAt: number;
  try {
    await context.probe(nonce);
    answeredAt = Date.now();
  } catch (error) {
    return skipped(`The second probe was not taken: ${reasonOf(error)}`);
  }
  const frame = await sse.next(
    ({ event, data }) => isEnding(event) || (event === 'message' && isMine(data)),
    patience.answer,
  );
  if (frame === undefined && sse.end === undefined) {
    return held(sse, `The probe's event did not come through within ${seconds(patience.answer)}`);
  }
  if (frame === undefined || isEnding(frame.event)) {
    return skipped('The stream ended before the probe arrived.');
  }
  const event = frame.data as ProbeEvent;
  const ms = Math.max(frame.at - answeredAt, 0);
  if (ms > LATE) return { ...held(sse, `The probe's event was held back for ${seconds(ms)}`), event };
  return {
    result: {
      hop: 'proxy buffering',
      state: 'ok',
      ms,
      finding: 'Frames come through as they are sent.',
    },
    event,
  };
}

/** A server that cannot read its change log opens streams, and has nothing to say on them. */
function unmeasured(sse: SseStream, { at }: SseFrame): BufferingJudged {
  const late = at - sse.openedAt;
  return late > LATE ? held(sse, `The stream's opening arrived after ${seconds(late)}`) : passed(late);
}

function passed(late: number): BufferingJudged {
  const finding = 'The first frame came through as it was sent; an event could not be measured.';
  return {
    result: { hop: 'proxy buffering', state: 'ok', ms: Math.max(late, 0), finding },
    event: undefined,
  };
}

/** By the server's clock where it tells it; otherwise no frame is sent before it was asked for. */
function sentAt(sse: SseStream, first: SseFrame, clockAhead: number | undefined): number {
  const now = member(first.data, 'now');
  return typeof now === 'number' && clockAhead !== undefined ? now + clockAhead : sse.openedAt;
}

function skipped(finding: string): BufferingJudged {
  return { result: { hop: 'proxy buffering', state: 'skip', finding }, event: undefined };
}

/** The line for those proxies that say their name. */
const CURES: readonly { readonly name: RegExp; readonly advice: string; readonly line: string }[] = [
  { name: /caddy/i, advice: 'In the Caddyfile, within reverse_proxy:', line: 'flush_interval -1' },
  {
    name: /apache/i,
    advice: "In Apache's configuration:",
    line: 'ProxyPass /api/ http://127.0.0.1:3000/api/ flushpackets=on',
  },
  {
    name: /./,
    advice:
      'In nginx, within location /api/ (others have a setting like it; no gzip for text/event-stream either):',
    line: 'proxy_buffering off;',
  },
];

function held({ head }: SseStream, what: string): BufferingJudged {
  const proxy = `${head?.headers.get('via') ?? ''} ${head?.headers.get('server') ?? ''} ?`;
  const cure = CURES.find(({ name }) => name.test(proxy));
  const encoding = head?.headers.get('content-encoding');
  const compressed = encoding === null || encoding === undefined ? '' : `, compressed with ${encoding}`;
  const result: HopResult = {
    hop: 'proxy buffering',
    state: 'fail',
    finding: `${what}${compressed}: a proxy in between holds it back.`,
    ...(cure && { advice: cure.advice, line: cure.line }),
  };
  return { result, event: undefined };
}
