import fc from 'fast-check';

import type { Snapshot } from '../postgres/snapshot.ts';

/** Snapshots for property tests: anywhere, with any number of transactions in progress at any distance. */
export function someSnapshot(most = 60): fc.Arbitrary<Snapshot> {
  const distance = fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(1n, 2n ** 40n));
  return fc
    .record({
      xmin: fc.oneof(fc.bigInt(300n, 5_000n), fc.bigInt(300n, 2n ** 50n)),
      distances: fc.array(distance, { maxLength: most }),
      last: distance,
      quiet: fc.boolean(),
    })
    .map(({ xmin, distances, last, quiet }) => {
      if (quiet) return { xmin, xmax: xmin + last - 1n, inProgress: [] };
      const inProgress = [xmin];
      for (const step of distances) inProgress.push(inProgress.at(-1)! + step);
      return { xmin, xmax: inProgress.at(-1)! + last, inProgress };
    });
}
