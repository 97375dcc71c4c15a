import { judge, unsetMessage } from './evaluate.ts';
import { flowLabel, flowOf } from './model.ts';
import type { FieldType, FlowElement, Incident, ProcessModel, SequenceFlow, Variables } from './types.ts';

/** Which flows a token leaves by, or why it cannot leave. */
export type Ways = { ok: true; taken: string[] } | { ok: false; incident: Incident };

export interface Surroundings {
  model: ProcessModel;
  variables: Variables;
  types: ReadonlyMap<string, ReadonlySet<FieldType>>;
}

/** An exclusive gateway that no person decides: the first flow whose condition holds, else the default. */
export function exclusiveWay(around: Surroundings, element: FlowElement): Ways {
  const flows = element.outgoing.map((id) => flowOf(around.model, id));
  const unset: string[] = [];
  for (const flow of flows) {
    if (flow.id === element.default) continue;
    // Only a single way out may lack a readable condition here: nothing is to be decided then.
    if (flow.condition?.kind !== 'readable') return { ok: true, taken: [flow.id] };
    const verdict = judge(flow.condition, around.variables, around.types);
    if (verdict.kind === 'yes') return { ok: true, taken: [flow.id] };
    if (verdict.kind === 'failed') return failed(around.model, flow, verdict.why);
    unset.push(...verdict.unset);
  }
  if (element.default !== null) return { ok: true, taken: [element.default] };
  return flows.length === 0 ? { ok: true, taken: [] } : noMatch(unset);
}

/** Out of a task: every flow without a condition or whose condition holds, and those chosen; else the default. */
export function taskWays(around: Surroundings, element: FlowElement, choice: readonly string[]): Ways {
  const taken: string[] = [];
  const unset: string[] = [];
  for (const id of element.outgoing) {
    const flow = flowOf(around.model, id);
    if (id === element.default) continue;
    if (flow.condition?.kind === 'readable') {
      const verdict = judge(flow.condition, around.variables, around.types);
      if (verdict.kind === 'failed') return withChoice(failed(around.model, flow, verdict.why), choice);
      if (verdict.kind === 'yes') taken.push(id);
      else unset.push(...verdict.unset);
    } else if (flow.condition === null || choice.includes(id)) {
      taken.push(id);
    }
  }
  if (taken.length > 0 || element.outgoing.length === 0) return { ok: true, taken };
  return element.default === null
    ? withChoice(noMatch(unset), choice)
    : { ok: true, taken: [element.default] };
}

type Stuck = Extract<Ways, { ok: false }>;

function failed(model: ProcessModel, flow: SequenceFlow, why: string): Stuck {
  const text = flow.condition?.source ?? '';
  const message =
    `The condition of the way ${flowLabel(model, flow)} could not be answered (${text}). ${why} ` +
    'Correct the variables and try again.';
  return { ok: false, incident: { code: 'condition-failed', flowId: flow.id, message } };
}

function noMatch(unset: string[]): Stuck {
  const hint = unset.length === 0 ? '' : ` ${unsetMessage([...new Set(unset)])}`;
  const message = `No way out: no condition holds, and there is no default.${hint} Correct the variables and try again.`;
  return { ok: false, incident: { code: 'no-match', flowId: null, message } };
}

function withChoice(stuck: Stuck, choice: readonly string[]): Stuck {
  return choice.length === 0 ? stuck : { ok: false, incident: { ...stuck.incident, choice: [...choice] } };
}
