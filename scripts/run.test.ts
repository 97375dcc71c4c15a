import { expect, test } from 'vitest';
import { run, signalChildren } from './run.ts';

const node = process.execPath;

test('gives the exit code, and what was printed on either output', async () => {
  let output = '';
  const onOutput = (text: string): void => void (output += text);
  expect(
    await run(node, ['-e', 'console.log(process.env.A); console.error("é"); process.exit(3)'], {
      env: { A: 'given' },
      onOutput,
    }),
  ).toBe(3);
  expect(output).toContain('given\n');
  expect(output).toContain('é\n');
});

test('a program that is not there is 127, as in a shell, with its name', async () => {
  let output = '';
  const onOutput = (text: string): void => void (output += text);
  expect(await run('processflow-no-such-program', [], { onOutput })).toBe(127);
  expect(output).toContain('processflow-no-such-program');
});

test('a signal reaches everything that runs, and what it ends has failed', async () => {
  const codes = [1, 2].map(async () => {
    const { promise: ready, resolve } = Promise.withResolvers<string>();
    const code = run(node, ['-e', 'setInterval(() => {}, 1000); console.log("ready")'], {
      onOutput: resolve,
    });
    await ready;
    return { code };
  });
  const running = await Promise.all(codes);
  signalChildren('SIGTERM');
  expect(await Promise.all(running.map(({ code }) => code))).toEqual([1, 1]);
});
