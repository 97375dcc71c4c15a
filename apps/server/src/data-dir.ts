import { accessSync, constants, mkdirSync } from 'node:fs';

import { SettingsError } from './env.ts';

/** Makes the folder of what is kept between runs, or tells why it cannot be used. */
export function openDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`DATA_DIR="${path}" cannot be used as a folder: ${why}`, { cause: error });
  }
}
