import { fork } from 'node:child_process';
import { once } from 'node:events';

import type { Style } from './writes-tables.ts';

/** What an ear tells of all that it heard since it began. */
export interface Heard {
  /** Different events. */
  readonly events: number;
  /** Events that came again. */
  readonly twice: number;
  /** Frames that said "you may have missed anything", and errors. */
  readonly complaints: readonly string[];
  /** Milliseconds from the last announcement, just before its commit, to when the last event was heard. Only ours says when it announced. */
  readonly lag: number;
}

export interface Ear extends AsyncDisposable {
  /** Answers as soon as that many events were heard, or that much time has passed. */
  heard(events: number, milliseconds: number): Promise<Heard>;
}

const PROGRAMS = {
  usual: new URL('./ear-usual.ts', import.meta.url),
  ours: new URL('./ear-ours.ts', import.meta.url),
};

/** A process of its own that hears what a style announces: a plain LISTEN, or the kit's listener, pump, hub and stream. */
export async function startEar(style: Exclude<Style, 'none'>, connectionString: string): Promise<Ear> {
  const child = fork(PROGRAMS[style], [connectionString]);
  const exited = once(child, 'exit');
  const answer = async (): Promise<unknown> => {
    const lost = exited.then(([code, signal]) => {
      throw new Error(`The process that listens (${style}) ended: ${code ?? signal}`);
    });
    lost.catch(() => undefined);
    const [message] = (await Promise.race([once(child, 'message'), lost])) as [unknown];
    return message;
  };
  await answer();
  return {
    async heard(events, milliseconds) {
      child.send({ events, milliseconds });
      return (await answer()) as Heard;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
