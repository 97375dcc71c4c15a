import { MARK, STAMP_LENGTH } from './event.ts';

/** How many frames have ended in these bytes of a stream, wherever the reads were cut. */
export function countFrames(bytes: Buffer): number {
  let frames = 0;
  for (let at = bytes.indexOf(MARK); at !== -1; at = bytes.indexOf(MARK, at + 1)) frames += 1;
  return frames;
}

/** The same, adding to `latencies` how long ago each was due; one whose stamp began in an earlier read is not timed. */
export function timeFrames(bytes: Buffer, now: number, latencies: number[]): number {
  let frames = 0;
  for (let at = bytes.indexOf(MARK); at !== -1; at = bytes.indexOf(MARK, at + 1)) {
    frames += 1;
    if (at >= STAMP_LENGTH)
      latencies.push(now - Number(bytes.toString('latin1', at - STAMP_LENGTH, at)) / 1_000);
  }
  return frames;
}
