import { fork } from 'node:child_process';
import { once } from 'node:events';

const PATIENCE = 10_000;

export interface Child<Ready, Command> extends AsyncDisposable {
  readonly ready: Ready;
  /** One question after the other. */
  ask<Answer = unknown>(command: Command): Promise<Answer>;
}

/** A process of its own that says when it is ready, answers every command once, and ends when nobody listens any more. */
export async function startChild<Ready, Command extends object>(
  program: URL,
  config?: object,
): Promise<Child<Ready, Command>> {
  const child = fork(program, [JSON.stringify(config ?? {})], { serialization: 'advanced' });
  const exited = once(child, 'exit');
  const ended = exited.then(([code, signal]) => {
    throw new Error(`${program.pathname} ended: ${code ?? signal}`);
  });
  ended.catch(() => undefined);
  const answer = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
    return message;
  };
  const ready = (await answer()) as Ready;
  return {
    ready,
    async ask<Answer>(command: Command) {
      child.send(command);
      return (await answer()) as Answer;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      // One that has more to write than it can may not come to hear of it.
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      await exited;
      clearTimeout(timer);
    },
  };
}
