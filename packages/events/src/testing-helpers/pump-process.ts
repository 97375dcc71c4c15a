import { startPump } from '../postgres/pump.ts';

/** A pump in a process of its own, which a test stops: masks as soon as anybody writes, for good. */
const [connectionString = '', channel = '', lease] = process.argv.slice(2);
startPump({
  connectionString,
  channels: [channel],
  lease: Number(lease),
  limits: { wakeAbove: 1, sleepBelow: 0, calmFor: 1 },
  onError: () => undefined,
});
