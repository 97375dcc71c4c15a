import type { Database } from '@processflow/db';
import { type Command, notStarted, type ProcessModel, step, type Variables } from '@processflow/engine';
import type { Kysely, Transaction } from 'kysely';

import type { Command as MemberCommand } from '../member/command.ts';
import type { ModelCache } from '../model/cache.ts';
import { modelGone } from '../model/queries.ts';
import { Refusal, rejectionToRefusal } from '../refusal.ts';
import { type Actor, readElements, writeElements } from './elements.ts';
import { insertInstance, instanceGone, type LockedInstance, lockInstance, updateInstance } from './store.ts';

export interface Engine {
  db: Kysely<Database>;
  models: ModelCache;
}

/** An engine in the hands of a member. */
interface Operated extends Engine {
  command: MemberCommand;
}

/** Starts a deployed model. */
export async function startInstance(
  { command, ...engine }: Operated,
  start: { teamId: number; modelId: number; startedBy: string; variables: Variables },
): Promise<{ id: number }> {
  const { teamId, modelId } = start;
  const model = await readDeployedModel(engine, teamId, modelId);
  const result = step(model, notStarted(), { type: 'start', variables: start.variables });
  if (!result.ok) throw rejectionToRefusal(result.rejection);
  return command(async (trx) => {
    const stays = await trx
      .selectFrom('process_model')
      .where('id', '=', modelId)
      .select('id')
      .forKeyShare()
      .executeTakeFirst();
    if (stays === undefined) throw modelGone();
    const instance = await insertInstance(trx, start, result.state);
    const elements = await readElements(trx, modelId);
    await writeElements(trx, { ...instance, teamId }, elements, result.changes, null);
    return instance;
  });
}

/** Does a command to an instance, with all its consequences, in one transaction. */
export async function commandInstance(
  { command, ...engine }: Operated,
  teamId: number,
  id: number,
  wanted: Command,
): Promise<void> {
  const model = await readModelOfInstance(engine, teamId, id);
  await command(async (trx) => {
    await perform(trx, model, await lockInstance(trx, teamId, id), wanted, null);
  });
}

/** Steps a locked instance and writes what changed. */
export async function perform(
  trx: Transaction<Database>,
  model: ProcessModel,
  instance: LockedInstance,
  command: Command,
  actor: Actor | null,
): Promise<void> {
  const result = step(model, instance.state, command);
  if (!result.ok) throw rejectionToRefusal(result.rejection);
  if (result.changes.length === 0) return;
  const elements = await readElements(trx, instance.modelId);
  await writeElements(trx, instance, elements, result.changes, actor);
  await updateInstance(trx, instance, result.state);
}

/** The parsed model of an instance; read before the transaction, which then holds one connection only. */
export async function readModelOfInstance(engine: Engine, teamId: number, id: number): Promise<ProcessModel> {
  const instance = await engine.db
    .selectFrom('process_instance')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select('process_model_id')
    .executeTakeFirst();
  if (instance === undefined) throw instanceGone();
  return readParsed(engine, instance.process_model_id);
}

async function readDeployedModel(engine: Engine, teamId: number, id: number): Promise<ProcessModel> {
  const row = await engine.db
    .selectFrom('process_model')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select('status')
    .executeTakeFirst();
  if (row === undefined) throw modelGone();
  if (row.status !== 'Deployed') {
    throw new Refusal(
      { code: 'not-deployed' },
      'This model is a draft. Deploy it first, then it can be started.',
    );
  }
  return readParsed(engine, id);
}

async function readParsed({ db, models }: Engine, id: number): Promise<ProcessModel> {
  const { model, problems } = await models.read(id, async () => {
    const query = db.selectFrom('process_model').where('id', '=', id).select('xml');
    const { xml } = await query.executeTakeFirstOrThrow(modelGone);
    return xml;
  });
  if (model !== null) return model;
  throw new Error(`Model ${id} was deployed but has problems: ${problems.map((one) => one.code).join(', ')}`);
}
