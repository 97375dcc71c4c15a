import { contractOf } from '@processflow/events';

import { channels } from './channels.ts';
import { columnTypes } from './types.ts';

/** The channels' versions: told on every stream, and stamped into the web app when it is built. */
export const contract = contractOf(channels, columnTypes);
