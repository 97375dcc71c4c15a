import { shareStream } from '@processflow/events/shared';

import { createStreamSource } from './stream.ts';
import { viewerIn } from './worker-name.ts';

/** Runs once for all tabs of one person and one version of the app, and holds their one stream. */
const stream = shareStream({ source: createStreamSource(viewerIn(self.name)) });

self.addEventListener('connect', (event) => {
  for (const port of (event as MessageEvent).ports) stream.connect(port);
});
