import { seconds, type StepContext } from './context.ts';
import type { HopResult } from './hop.ts';
import { isEventStream, member, type SseFrame, type SseStream } from './sse.ts';
import { type BufferingJudged, isEnding, type Opened, openStep } from './step-buffering.ts';

/** Whether the stream does what reconnecting lives on: ids, heartbeats, and a new stream that knows the old one. */
export async function streamStep(
  context: StepContext,
  { sse, first }: Opened,
  buffering: BufferingJudged,
): Promise<HopResult> {
  const { patience } = context;
  if (buffering.result.state === 'fail') {
    return { hop: 'stream', state: 'skip', finding: 'Not looked at: it is held back.' };
  }
  if (first === undefined && sse.end === undefined) {
    const finding = 'Not looked at: the server says nothing on streams while it cannot read the change log.';
    return { hop: 'stream', state: 'skip', finding };
  }
  if (first === undefined) return refused(sse);
  if (isEnding(first.event)) return endedBy(first);
  if (first.id === undefined || first.id === '') {
    return failed(
      'Its first frame carries no id, so it could not be resumed.',
      'Something in between rewrites the stream; have it pass text/event-stream untouched.',
    );
  }

  const waited = patience.ping > 0;
  const beat = await sse.next(
    ({ event }) => isEnding(event) || (waited && event === 'ping'),
    waited ? patience.ping : 0,
  );
  if (beat !== undefined && isEnding(beat.event)) return endedBy(beat);
  if (sse.end !== undefined) return cut(sse, sse.end);
  if (waited && beat === undefined) {
    return failed(
      `No heartbeat came within ${seconds(patience.ping)}.`,
      'Something in between swallows small frames; have it pass text/event-stream untouched.',
      'proxy_buffering off;',
    );
  }

  using again = await openStep(context, first.id);
  if (again.first === undefined) return refused(again.sse);
  if (isEnding(again.first.event)) return endedBy(again.first);
  const channel = member(again.first.data, 'channel');
  if (channel !== 'resync' && channel !== 'position') {
    return failed(
      `A resumed stream begins with "${String(channel)}", not with where it stands.`,
      'The server is of another version than this program: bring both to the same.',
      'git pull && npm start',
    );
  }
  const heartbeat = waited ? 'heartbeats' : 'heartbeats not waited for';
  return {
    hop: 'stream',
    state: 'ok',
    ms: first.at - sse.openedAt,
    finding: `It opens with a position, ${heartbeat}, and resumes with a ${channel}.`,
  };
}

function failed(finding: string, advice: string, line?: string): HopResult {
  return { hop: 'stream', state: 'fail', finding, advice, ...(line !== undefined && { line }) };
}

/** The server said why, on the stream. */
function endedBy({ event, data }: SseFrame): HopResult {
  if (event === 'return') {
    return failed('The server ended the stream in good order, which it never should.', 'Restart the server.');
  }
  const code = member(member(data, 'data'), 'code');
  const message = member(data, 'message');
  const isToken = code === 'UNAUTHORIZED' || code === 'FORBIDDEN';
  return failed(
    `The server ended the stream: ${typeof message === 'string' ? message : 'without a reason'}`,
    isToken
      ? 'Make a new API token on the Team page, or ask to be let in again.'
      : "Look into the server's output for the reason.",
  );
}

function cut({ openedAt }: SseStream, end: { at: number; why: string }): HopResult {
  return failed(
    `It was cut ${seconds(end.at - openedAt)} after it was opened (${end.why}), though it has a heartbeat every 15 s.`,
    'Something in between limits how long an answer may take or be silent. In nginx, within location /api/:',
    'proxy_read_timeout 75s;',
  );
}

function refused({ head, end }: SseStream): HopResult {
  if (head === undefined) {
    return failed(
      `It did not open: ${end?.why ?? 'no answer'}.`,
      'Have the proxy pass /api/trpc on to the server.',
      'location /api/ { proxy_pass http://127.0.0.1:3000; proxy_buffering off; }',
    );
  }
  if (head.status !== 200 || !isEventStream(head)) {
    const type = head.headers.get('content-type') ?? 'no content type';
    return failed(
      `Instead of a stream there came HTTP ${head.status}, ${type}.`,
      'Have the proxy pass /api/trpc on to the server.',
      'location /api/ { proxy_pass http://127.0.0.1:3000; proxy_buffering off; }',
    );
  }
  return failed(
    `It was ended before its first frame (${end?.why ?? 'no reason given'}).`,
    'Something in between ends answers that take long. In nginx, within location /api/:',
    'proxy_read_timeout 75s;',
  );
}
