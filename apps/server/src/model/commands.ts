import type { Database } from '@processflow/db';
import { type Problem, readModel } from '@processflow/engine';
import type { Transaction } from 'kysely';

import { Refusal } from '../refusal.ts';
import { toNameOrEmpty } from '../texts.ts';
import { modelGone } from './queries.ts';

type Trx = Transaction<Database>;

const LONGEST_NAME = 200;

export interface UploadedModel {
  id: number;
  version: number;
  problems: Problem[];
}

/** What an upload becomes; read before the transaction, because large files take a moment. */
export interface ReadUpload {
  name: string;
  xml: string;
  problems: Problem[];
}

/** Reads a file. One that is no BPMN at all is refused; one with problems can be kept as a draft. */
export async function readUpload(xml: string, givenName: string | undefined): Promise<ReadUpload> {
  const { name, problems } = await readModel(xml);
  const unreadable = problems.find(({ code }) => code === 'unreadable-xml' || code === 'too-large');
  if (unreadable !== undefined) throw new Refusal({ code: 'unreadable-xml' }, unreadable.reason);
  return { name: givenName ?? toName(name), xml, problems };
}

/** Keeps it as the next version of its name; versions are counted one after the other within a team. */
export async function addModel(
  trx: Trx,
  teamId: number,
  { name, xml, problems }: ReadUpload,
  uploadedBy: string,
): Promise<UploadedModel> {
  const { latest } = await trx
    .selectFrom('process_model')
    .where('team_id', '=', teamId)
    .where('name', '=', name)
    .select((eb) => eb.fn.max('version').as('latest'))
    .executeTakeFirstOrThrow();
  const version = (latest ?? 0) + 1;
  const { id } = await trx
    .insertInto('process_model')
    .values({ team_id: teamId, name, version, xml, uploaded_by: uploadedBy })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, version, problems };
}

/** Removes a model that was never started. */
export async function removeModel(trx: Trx, teamId: number, id: number): Promise<void> {
  // Waits for a start that is under way, which holds the row through its foreign key.
  const model = await trx
    .selectFrom('process_model')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select('id')
    .forUpdate()
    .executeTakeFirst();
  if (model === undefined) throw modelGone();
  const { count } = await trx
    .selectFrom('process_instance')
    .where('process_model_id', '=', id)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (count > 0) {
    const times = count === 1 ? 'once' : `${count} times`;
    throw new Refusal(
      { code: 'has-instances' },
      `This model was started ${times}, and that history needs it. It stays.`,
    );
  }
  await trx.deleteFrom('process_model').where('id', '=', id).execute();
}

function toName(name: string | null): string {
  return toNameOrEmpty(name ?? '', LONGEST_NAME) || 'Process';
}
