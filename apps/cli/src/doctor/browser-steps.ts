/**
 * The steps of the doctor that need no database: they run in a browser as well as in a terminal, so nothing of Node
 * is imported here.
 */
import type { Rules } from '@processflow/events/react';
import type { QueryClient } from '@tanstack/react-query';

import { type Hop, HOPS, type HopResult } from './hop.ts';
import { bufferingStep, openStep } from './step-buffering.ts';
import { invalidationStep } from './step-invalidation.ts';
import { type ListenerJudged, listenerStep } from './step-listener.ts';
import { serverStep } from './step-server.ts';
import { streamStep } from './step-stream.ts';
import { httpVersionStep } from './step-version.ts';
import type { ProbeAnswer, ProbeEvent } from './probe.ts';

export { firstFailing, HOPS } from './hop.ts';
export type { Hop, HopResult } from './hop.ts';
export { PROBE_CHANNEL, PROBE_KEY } from './probe.ts';
export type { ProbeAnswer, ProbeEvent } from './probe.ts';

export interface Patience {
  /** Milliseconds that an answer, a frame or an event may take before it counts as not coming. */
  readonly answer: number;
  /** Milliseconds to wait for the stream's heartbeat; 0 leaves that out. */
  readonly ping: number;
}

const SECOND = 1000;
export const PATIENCE: Patience = { answer: 5 * SECOND, ping: 20 * SECOND };

export interface BrowserStepsOptions {
  /** Scheme, host and port of the server as it is reached from here, for example `location.origin`. */
  readonly origin: string;
  readonly teamId: number;
  /** `client.realtime.probe.mutate({ teamId, nonce })`. */
  readonly probe: (nonce: string) => Promise<ProbeAnswer>;
  /** A read that fails with tRPC's error when the caller may not hear this team. */
  readonly authorize: () => Promise<unknown>;
  /** What the connection speaks: ALPN's name, `h2`, `h3` or `http/1.1`; undefined when that cannot be told. */
  readonly httpVersion: () => Promise<string | undefined>;
  /** Sent with the stream's request; a browser sends its cookie by itself. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The cache and the rules whose invalidation is tried: those of the app, for its own page. */
  readonly queryClient: QueryClient;
  readonly rules: Rules<ProbeEvent>;
  readonly patience?: Patience;
  readonly signal?: AbortSignal;
  /** What the steps before found out; see `listenerStep`. */
  readonly notificationHeard?: boolean | undefined;
  /** Why no event can be made at all, if that is known: then none is asked for. */
  readonly broken?: string;
}

/**
 * Walks from the server to the cache with real probe events, and says of each hop how it is. A hop that cannot be
 * judged because of one before it is skipped. Never rejects because of what it finds.
 *
 * @example
 * for await (const result of runBrowserSteps({ origin: location.origin, teamId, probe, authorize, ... })) show(result);
 */
export async function* runBrowserSteps(options: BrowserStepsOptions): AsyncGenerator<HopResult> {
  const { patience = PATIENCE } = options;
  const context = { ...options, patience };
  const server = await serverStep(context);
  yield server.result;
  if (server.result.state === 'fail') {
    yield* skipped('listener', `The server ${server.why}.`);
    return;
  }
  const listener = options.broken === undefined ? await listenerStep(context) : untried(options.broken);
  yield listener.result;

  using opened = await openStep(context);
  const buffering = await bufferingStep(context, opened, listener);
  yield buffering.result;
  yield await httpVersionStep(context);
  const stream = await streamStep(context, opened, buffering);
  yield stream;
  yield await invalidationStep(context, buffering.event);
}

function untried(finding: string): ListenerJudged {
  return { result: { hop: 'listener', state: 'skip', finding }, clockAhead: undefined };
}

/** This hop and all after it. */
function* skipped(from: Hop, finding: string): Generator<HopResult> {
  for (const hop of HOPS.slice(HOPS.indexOf(from))) yield { hop, state: 'skip', finding };
}
