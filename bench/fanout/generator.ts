/** A process of its own that only reads: raw sockets, one buffer for all of them, frames counted and not parsed. */
import { connect } from 'node:net';

import { countFrames, timeFrames } from './frame-counter.ts';
import { cpuSeconds, type GeneratorCommand, type GeneratorStats, machineNow } from './protocol.ts';

type Opening = Extract<GeneratorCommand, { do: 'open' }>;

/** So many connections wait for their answers at a time, less than a server lets wait to be accepted. */
const OPENING_AT_ONCE = 100;
/** Of one address there are some 28,000 ports; elsewhere than on Linux a machine has one such address. */
const SOURCES = process.platform === 'linux' ? 16 : 1;

const shared = Buffer.allocUnsafe(1 << 18);
let [delivered, bytes, lost] = [0, 0, 0];
let latencies: number[] = [];

process.on('message', (command: GeneratorCommand) => {
  if (command.do === 'open') {
    open(command).then(
      () => process.send?.({}),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  } else process.send?.(read(command.take === true));
});
process.once('disconnect', () => process.exit());
process.send?.('ready');

async function open(opening: Opening): Promise<void> {
  let next = opening.from;
  const openOneByOne = async (): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    while (next < opening.to) await openOne(opening, next++);
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openOneByOne));
}

/** Resolves with the first bytes of the answer. */
function openOne({ port, path, teams, sampleEvery }: Opening, number: number): Promise<void> {
  const isTimed = number % sampleEvery === 0;
  const target = path.replace('{team}', String(1 + (number % teams)));
  return new Promise((resolve, reject) => {
    let isOpen = false;
    const begin = (head: string): void => {
      isOpen = true;
      if (head.startsWith('HTTP/1.1 200 ')) resolve();
      else reject(new Error(`${target} was answered: ${head}`));
    };
    const end = (error?: Error): void => {
      if (isOpen) lost += 1;
      else reject(error ?? new Error(`${target} was not answered`));
    };
    const socket = connect({
      port,
      host: '127.0.0.1',
      localAddress: `127.0.0.${1 + (number % SOURCES)}`,
      onread: {
        buffer: shared,
        callback(length) {
          const got = shared.subarray(0, length);
          bytes += length;
          delivered += isTimed ? timeFrames(got, machineNow(), latencies) : countFrames(got);
          if (!isOpen) begin(got.toString('latin1', 0, 200));
          return true;
        },
      },
    });
    socket.once('error', end).once('end', end);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n`);
  });
}

function read(take: boolean): GeneratorStats {
  const taken = Float64Array.from(take ? latencies : []);
  if (take) latencies = [];
  return { at: machineNow(), delivered, bytes, lost, cpu: cpuSeconds(), latencies: taken };
}
