import { main } from '../apps/cli/src/main.ts';
import { endWithParent } from './lifetime.ts';

endWithParent();
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait.
    if (stopped.signal.aborted) process.exit(130);
    stopped.abort();
  });
}
// Whoever reads, for example `head`, has had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
const code = await main(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isColorful: process.stdout.isTTY,
  signal: stopped.signal,
});
// Connections that are kept for another request must not keep us.
process.exit(code);
