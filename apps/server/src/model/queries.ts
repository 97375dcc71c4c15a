import type { Database } from '@processflow/db';
import type { Problem } from '@processflow/engine';
import type { Kysely } from 'kysely';

import type { Membership } from '../member/queries.ts';
import { type Person, toPerson } from '../profile/person.ts';
import { Refusal } from '../refusal.ts';
import type { ModelCache } from './cache.ts';
import { type Performer, proposePerformers, readPerformers } from './performers.ts';

export interface ModelSummary {
  id: number;
  name: string;
  version: number;
  status: 'Draft' | 'Deployed';
  uploadedBy: Person | null;
  createdAt: Date;
  deployedAt: Date | null;
  /** How many times it was started; null for those who hear of no instance, for whom it would grow stale. */
  instances: number | null;
}

export interface Model extends Omit<ModelSummary, 'instances'> {
  xml: string;
  problems: Problem[];
  performers: Performer[];
}

/** All models of a team, the newest first. */
export async function listModels(
  db: Kysely<Database>,
  { teamId, pages }: Membership,
): Promise<ModelSummary[]> {
  const hearsOfInstances = pages.includes('instances') || pages.includes('tasks');
  const rows = await models(db, teamId)
    .select((eb) =>
      eb
        .selectFrom('process_instance as i')
        .whereRef('i.process_model_id', '=', 'm.id')
        .select((count) => count.fn.countAll<number>().as('n'))
        .$asScalar()
        .$notNull()
        .as('instances'),
    )
    .orderBy('m.id', 'desc')
    .execute();
  return rows.map((row) => ({ ...toModel(row), instances: hearsOfInstances ? row.instances : null }));
}

export async function readModelOfTeam(
  { db, models: cache }: { db: Kysely<Database>; models: ModelCache },
  teamId: number,
  id: number,
): Promise<Model> {
  const row = await models(db, teamId).select('m.xml').where('m.id', '=', id).executeTakeFirst();
  if (row === undefined) throw modelGone();
  const { model, problems } = await cache.read(id, () => Promise.resolve(row.xml));
  const deployed = row.status === 'Deployed';
  const found = deployed
    ? await readPerformers(db, id)
    : model
      ? await proposePerformers(db, teamId, model)
      : [];
  return { ...toModel(row), xml: row.xml, problems, performers: found };
}

export function modelGone(): Refusal {
  return new Refusal({ code: 'not-found' }, 'This model is no longer there.');
}

function models(db: Kysely<Database>, teamId: number) {
  return db
    .selectFrom('process_model as m')
    .leftJoin('profile as p', 'p.id', 'm.uploaded_by')
    .where('m.team_id', '=', teamId)
    .select([
      'm.id',
      'm.name',
      'm.version',
      'm.status',
      'm.created_at',
      'm.deployed_at',
      'p.id as uploaderId',
      'p.name as uploaderName',
    ]);
}

type ModelRow = Awaited<ReturnType<ReturnType<typeof models>['executeTakeFirstOrThrow']>>;

function toModel(row: ModelRow): Omit<ModelSummary, 'instances'> {
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    status: row.status,
    uploadedBy: toPerson(row.uploaderId, row.uploaderName),
    createdAt: row.created_at,
    deployedAt: row.deployed_at,
  };
}
