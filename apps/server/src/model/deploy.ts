import type { Database } from '@processflow/db';
import { performers, type ProcessModel } from '@processflow/engine';
import { type Kysely, sql, type Transaction } from 'kysely';

import { Refusal } from '../refusal.ts';
import type { ModelCache } from './cache.ts';
import { modelGone } from './queries.ts';

type Trx = Transaction<Database>;

export interface PerformerChoice {
  performer: string;
  role: { use: number } | { create: string } | 'everyone';
}

/** From now on the model can be started; who performs what is settled with it. */
export async function deployModel(
  trx: Trx,
  { teamId, id, model }: { teamId: number; id: number; model: ProcessModel },
  choices: PerformerChoice[],
): Promise<void> {
  const row = await trx
    .selectFrom('process_model')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select('status')
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw modelGone();
  if (row.status === 'Deployed') {
    throw new Refusal(
      { code: 'already-deployed' },
      'This model is deployed already. Upload it again for a new version.',
    );
  }
  const roleIds = await assign(trx, teamId, model, choices);
  await trx
    .insertInto('flow_element')
    .values(
      Object.values(model.elements).map((element) => ({
        team_id: teamId,
        process_model_id: id,
        element_id: element.id,
        name: element.name,
        kind: element.kind,
        automatic: element.automatic,
        performer: element.performer,
        role_id: element.performer === null ? null : (roleIds.get(element.performer) ?? null),
      })),
    )
    .execute();
  await trx
    .updateTable('process_model')
    .set({ status: 'Deployed', deployed_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

/** The model, if it can run; read before the transaction, because large files take a moment. */
export async function readDeployable(
  { db, models }: { db: Kysely<Database>; models: ModelCache },
  teamId: number,
  id: number,
): Promise<ProcessModel> {
  const row = await db
    .selectFrom('process_model')
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .select('xml')
    .executeTakeFirst();
  if (row === undefined) throw modelGone();
  const { model, problems } = await models.read(id, () => Promise.resolve(row.xml));
  if (model !== null) return model;
  const reasons = problems.map(({ elementName, elementId, reason }) => {
    const where = elementName ?? elementId;
    return where === null ? reason : `${where}: ${reason}`;
  });
  throw new Refusal({ code: 'not-deployable', problems }, `This model cannot run yet. ${reasons.join(' ')}`);
}

/** The role of every performer; null is every member. */
async function assign(
  trx: Trx,
  teamId: number,
  model: ProcessModel,
  choices: PerformerChoice[],
): Promise<Map<string, number | null>> {
  const chosen = new Map(choices.map(({ performer, role }) => [performer, role]));
  const names = performers(model).map(({ name }) => name);
  const missing = names.filter((name) => !chosen.has(name));
  if (missing.length > 0) {
    throw new Refusal(
      { code: 'performers-unassigned', performers: missing },
      `Choose who does the work of: ${missing.join(', ')}.`,
    );
  }
  const roles = await trx.selectFrom('role').where('team_id', '=', teamId).select(['id', 'name']).execute();
  const assigned = new Map<string, number | null>();
  for (const name of names) {
    const role = chosen.get(name);
    if (role === undefined || role === 'everyone') {
      assigned.set(name, null);
    } else if ('use' in role) {
      if (!roles.some(({ id }) => id === role.use)) {
        throw new Refusal(
          { code: 'not-found' },
          `The role chosen for ${name} is no longer there. Choose another.`,
        );
      }
      assigned.set(name, role.use);
    } else {
      const same = roles.find((one) => one.name.toLowerCase() === role.create.toLowerCase());
      const made = same ?? (await createTaskRole(trx, teamId, role.create, roles.length));
      if (same === undefined) roles.push(made);
      assigned.set(name, made.id);
    }
  }
  return assigned;
}

const colours = ['blue', 'teal', 'grape', 'orange', 'cyan', 'pink', 'lime', 'violet'] as const;

/** A role that opens nothing but Tasks. */
function createTaskRole(
  trx: Trx,
  teamId: number,
  name: string,
  count: number,
): Promise<{ id: number; name: string }> {
  return trx
    .insertInto('role')
    .values({ team_id: teamId, name, colour: colours[count % colours.length] ?? 'blue', pages: ['tasks'] })
    .returning(['id', 'name'])
    .executeTakeFirstOrThrow();
}
