import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { FanoutEvent } from './event.ts';
import { Pace } from './pace.ts';
import {
  cpuSeconds,
  machineNow,
  type ServerCommand,
  type ServerConfig,
  type ServerReady,
  type ServerStats,
} from './protocol.ts';

type Usage = Pick<ServerStats, 'cpu' | 'rss'>;

interface Fanout extends ServerReady {
  /** What was due since the last flush. */
  publish(events: readonly FanoutEvent[]): void;
  /** Where another process does the work. */
  usage?(): Usage;
  close?(): Promise<void>;
}

/** What every server's process does: starts, publishes at the rate it is told, answers, and ends with its parent. */
export async function serve(start: (config: ServerConfig) => Promise<Fanout>): Promise<void> {
  const config = JSON.parse(process.argv[2]!) as ServerConfig;
  const fanout = await start(config);
  let published = 0;
  let stop = (): void => {};

  const publish = (rate: number, teams: number): void => {
    const { flushEvery } = config;
    const pace = new Pace({ rate, teams, flushEvery, began: machineNow(), firstSeq: published });
    let isStopped = false;
    stop = () => {
      isStopped = true;
    };
    const flush = (): void => {
      if (isStopped) return;
      const wait = pace.wait(machineNow());
      if (wait > 0) {
        setTimeout(flush, wait);
        return;
      }
      const events = pace.flush();
      published += events.length;
      if (events.length > 0) fanout.publish(events);
      // One flush a turn of the event loop, so that none is joined with the next.
      setImmediate(flush);
    };
    flush();
  };
  const stats = (): ServerStats => ({
    at: machineNow(),
    published,
    ...(fanout.usage?.() ?? ownUsage()),
  });

  process.on('message', (command: ServerCommand) => {
    if (command.do === 'stats') {
      if (command.collect === true) collectGarbage();
      process.send?.(stats());
      return;
    }
    stop();
    if (command.do === 'publish') publish(command.rate, command.teams);
    process.send?.({});
  });
  process.once('disconnect', () => {
    void Promise.resolve(fanout.close?.()).finally(() => process.exit());
  });
  process.send?.({ port: fanout.port, path: fanout.path } satisfies ServerReady);
}

function ownUsage(): Usage {
  return { cpu: cpuSeconds(), rss: process.memoryUsage.rss() };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
