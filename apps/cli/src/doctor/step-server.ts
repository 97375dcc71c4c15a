import type { Judged, StepContext } from './context.ts';
import type { HopResult } from './hop.ts';
import { codeOf, isRefused, reasonOf } from './reason.ts';

export interface ServerJudged extends Judged {
  /** What is wrong, to go after "The server". */
  readonly why: string;
}

/** Whether the server answers at all, and lets the caller in. */
export async function serverStep(context: StepContext): Promise<ServerJudged> {
  const { origin, patience, authorize } = context;
  const failed = (why: string, advice: string, line?: string): ServerJudged => {
    const finding = `The server at ${origin} ${why}.`;
    const result: HopResult = { hop: 'server', state: 'fail', finding, advice, ...(line && { line }) };
    return { result, why };
  };

  const startedAt = Date.now();
  try {
    const answer = await fetch(`${origin}/healthz`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(patience.answer),
    });
    const body = await answer.text();
    if (answer.status >= 502 && answer.status <= 504) {
      return failed(
        `answers HTTP ${answer.status}: a proxy is there, ProcessFlow behind it is not`,
        'Start ProcessFlow, or point the proxy at the port on which it listens.',
        'proxy_pass http://127.0.0.1:3000;',
      );
    }
    if (!answer.ok || body !== '{"status":"ok"}') {
      return failed(
        `answers HTTP ${answer.status}, but not as ProcessFlow does`,
        'Say the address of ProcessFlow itself, or have the proxy pass everything on.',
        'location / { proxy_pass http://127.0.0.1:3000; }',
      );
    }
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    const judged = failed(
      isLate ? `did not answer within ${patience.answer / 1000} s` : `cannot be reached: ${reasonOf(error)}`,
      'Check the address, and that the server runs.',
      'npm start',
    );
    return isRefused(error) ? { ...judged, result: { ...judged.result, refused: true } } : judged;
  }
  const ms = Date.now() - startedAt;

  try {
    await authorize();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'UNAUTHORIZED') {
      return failed(
        `does not know who is asking: ${reasonOf(error)}`,
        'Make a new API token on the Team page; if this one should be good, see that the proxy passes its header on.',
        'proxy_set_header Authorization $http_authorization;',
      );
    }
    if (code === undefined) return failed(`broke off: ${reasonOf(error)}`, "Look into the server's output.");
    return failed(`refused: ${reasonOf(error)}`, 'Ask for a team that the token or the person may read.');
  }
  return {
    result: { hop: 'server', state: 'ok', ms, finding: `${origin} answers and lets you in.` },
    why: '',
  };
}
