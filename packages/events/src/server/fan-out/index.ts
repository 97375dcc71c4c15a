export { attachStreams } from './attach-streams.ts';
export { createFanOut, type FanOut, type FanOutMetrics, type FanOutOptions } from './fan-out.ts';
