import { readFile } from 'node:fs/promises';

import type { App } from './harness.ts';

/** The demo's teams and the tasks that wait in them, by name: addresses are made of their numbers. */
export async function teamId({ database }: App, name = 'Demo'): Promise<number> {
  const team = await database.db
    .selectFrom('team')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return team.id;
}

export interface OpenTask {
  readonly id: number;
  readonly instanceId: number;
  /** Of its page. */
  readonly path: string;
}

/** The newest open task of this name. */
export async function openTask({ database }: App, name: string): Promise<OpenTask> {
  const { id, team_id, is_part_of } = await database.db
    .selectFrom('flow_element_instance as task')
    .innerJoin('flow_element as element', 'element.id', 'task.instance_of')
    .select(['task.id', 'task.team_id', 'task.is_part_of'])
    .where('element.name', '=', name)
    .where('task.status', '=', 'Active')
    .orderBy('task.id', 'desc')
    .executeTakeFirstOrThrow();
  return { id, instanceId: is_part_of, path: `/teams/${team_id}/tasks/${id}` };
}

/** The number of one of the demo's people. */
export async function profileId({ database }: App, name: string): Promise<string> {
  const profile = await database.db
    .selectFrom('profile')
    .select('id')
    .where('email', '=', `${name}@example.com`)
    .executeTakeFirstOrThrow();
  return profile.id;
}

/** A model of the tests' own folder. */
export function readModel(name: string): Promise<string> {
  return readFile(new URL(`./models/${name}.bpmn`, import.meta.url), 'utf8');
}

const EXAMPLE = new URL('../apps/server/src/example/invoice-approval.bpmn', import.meta.url);

/** The example, which asks for no amount but judges it: started with an amount that is no number, it gets stuck. */
export async function modelThatGetsStuck(): Promise<string> {
  const xml = await readFile(EXAMPLE, 'utf8');
  return replaced(xml, [
    [/<bpmn:dataOutput id="record_amount".*\/>/, ''],
    ['<bpmn:dataOutputRefs>record_amount</bpmn:dataOutputRefs>', ''],
  ]);
}

/** The example without a condition at its first fork in the way: a person decides there. */
export async function modelWithDecision(): Promise<string> {
  const xml = await readFile(EXAMPLE, 'utf8');
  return replaced(xml, [
    [/<bpmn:conditionExpression[^>]*>Amount.*<\/bpmn:conditionExpression>/, ''],
    [' default="small"', ''],
  ]);
}

function replaced(xml: string, changes: [string | RegExp, string][]): string {
  return changes.reduce((text, [what, by]) => {
    const next = text.replace(what, by);
    if (next === text) throw new Error(`The example model holds no ${String(what)} any more.`);
    return next;
  }, xml);
}
