import { setTimeout as delay } from 'node:timers/promises';

import type { createPool } from '../../db/client.ts';

type Pool = ReturnType<typeof createPool>;

/** Milliseconds between the writes that the team hears meanwhile. */
export const WRITE_EVERY = 10;
/** Writers in another team, without a pause, so that the pump notifies in everybody's place. */
export const BUSY_WRITERS = 4;

export interface Writing {
  /** Gives how many writes there were. */
  stop(): Promise<number>;
}

/** In the team, at a steady pace. */
export function startWriting(pool: Pool, team: number): Writing {
  return writeWith(1, async (number) => {
    await pool.query(`UPDATE role SET colour = $2 WHERE team_id = $1`, [team, `colour ${number}`]);
    await delay(WRITE_EVERY);
  });
}

/** Where none of the streams hears it: as fast as the database takes it, each writer in a row of its own. */
export async function startHammering(pool: Pool): Promise<Writing> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO role (team_id, name, colour, pages)
     SELECT team.id, 'Busy ' || writer, 'teal', '{}' FROM team, generate_series(1, $1) writer WHERE team.name = 'Other'
     RETURNING id`,
    [BUSY_WRITERS],
  );
  return writeWith(BUSY_WRITERS, async (number, writer) => {
    const values = [rows[writer]!.id, `colour ${number}`];
    await pool.query({ name: 'hammer', text: `UPDATE role SET colour = $2 WHERE id = $1`, values });
  });
}

function writeWith(writers: number, write: (number: number, writer: number) => Promise<void>): Writing {
  const stopping = new AbortController();
  let writes = 0;
  const run = async (writer: number): Promise<void> => {
    while (!stopping.signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await write(writes, writer);
      writes += 1;
    }
  };
  const done = Promise.all(Array.from({ length: writers }, (_, writer) => run(writer)));
  return {
    async stop() {
      stopping.abort();
      await done;
      return writes;
    },
  };
}
