import { choiceAt } from './form.ts';
import { elementLabel, elementOf } from './model.ts';
import { Run } from './tokens.ts';
import type { Command, InstanceState, OpenElement, ProcessModel, Rejection, RejectionCode } from './types.ts';
import type { StepResult, VariableProblem, Variables } from './types.ts';
import { checkData, checkSize, checkVariables, fieldTypes } from './variables.ts';
import { taskWays } from './ways.ts';

/**
 * What a command does to an instance: the changes and the state after them, or why it is refused. The same model,
 * state and command give the same result always; nothing given is written to.
 *
 * @example const result = step(model, notStarted(), { type: 'start', variables: {} })
 * @throws EngineError when state and model do not belong together
 */
export function step(model: ProcessModel, state: InstanceState, command: Command): StepResult {
  const run = new Run(model, state);
  const rejection = refusal(state, command) ?? perform(model, run, command);
  return rejection === null ? { ok: true, changes: run.changes, state: run.state } : { ok: false, rejection };
}

function reject(code: RejectionCode, message: string): Rejection {
  return { code, message };
}

/** What the instance's status alone forbids. */
function refusal({ nextNumber, status }: InstanceState, command: Command): Rejection | null {
  const started = nextNumber > 1;
  if (command.type === 'start') {
    return started ? reject('already-started', 'This instance has been started already.') : null;
  }
  if (!started) return reject('not-started', 'This instance has not been started yet.');
  if (status === 'Running' || status === 'Incident') return null;
  return reject(
    'not-running',
    `This instance is over (${status.toLowerCase()}); nothing can be done in it any more.`,
  );
}

function perform(model: ProcessModel, run: Run, command: Command): Rejection | null {
  switch (command.type) {
    case 'start': {
      const rejection = setVariables(
        run,
        command.variables,
        [],
        checkData(command.variables, fieldTypes(model)),
      );
      if (rejection) return rejection;
      run.start();
      break;
    }
    case 'complete': {
      const rejection = complete(model, run, command);
      if (rejection) return rejection;
      break;
    }
    case 'set-variables': {
      const problems = checkData(command.set, fieldTypes(model));
      const rejection = setVariables(run, command.set, command.unset, problems);
      if (rejection) return rejection;
      break;
    }
    case 'retry': {
      const rejection = retry(run, command.number);
      if (rejection) return rejection;
      break;
    }
    case 'cancel':
      run.cancelOpen();
      run.setStatus('Cancelled');
      return null;
  }
  run.settle();
  return null;
}

function complete(
  model: ProcessModel,
  run: Run,
  { number, data, choice }: Extract<Command, { type: 'complete' }>,
): Rejection | null {
  const open = run.state.open.find((element) => element.number === number);
  if (!open) return reject('not-open', 'This task is not open any more: it was completed or cancelled.');
  if (open.status !== 'Active')
    return reject('not-active', 'There is nothing to complete here: it waits or is stuck.');
  const element = elementOf(model, open.elementId);
  const refused =
    setVariables(run, data, [], problemsOfData(model, element.fields, data)) ??
    checkChoice(model, run, open, choice);
  if (refused) return refused;
  const [flowId] = choice;
  if (element.kind === 'exclusive' && flowId !== undefined) run.decide(open, flowId);
  else run.finishTask(open, choice);
  return null;
}

/** A task's own fields say the type; other names may still be fields of other tasks. */
function problemsOfData(
  model: ProcessModel,
  fields: ProcessModel['elements'][string]['fields'],
  data: Variables,
): VariableProblem[] {
  const own = checkVariables(fields, data, { complete: true });
  if (own.length > 0) return own;
  return checkData(data, fieldTypes(model));
}

function checkChoice(model: ProcessModel, run: Run, open: OpenElement, choice: string[]): Rejection | null {
  const offered = choiceAt(model, open.elementId);
  const ids = offered?.flows.map((flow) => flow.id) ?? [];
  const where = elementLabel(model, open.elementId);
  if (choice.some((id) => !ids.includes(id)) || new Set(choice).size < choice.length) {
    return reject('bad-choice', `That is no way to choose at ${where}. Choose one of those offered.`);
  }
  if (offered === null || choice.length === 1) return null;
  if (offered.mode === 'one') {
    if (choice.length > 1) return reject('bad-choice', `Only one way can be chosen at ${where}.`);
    return reject('choice-needed', `Choose which way to go on at ${where}.`);
  }
  if (choice.length > 0) return null;
  // A person can still choose here and now: better asked again than stuck.
  const ways = taskWays(run.around, elementOf(model, open.elementId), []);
  if (ways.ok || ways.incident.code !== 'no-match') return null;
  return reject('choice-needed', `No condition holds at ${where}. Choose at least one way to go on.`);
}

function setVariables(
  run: Run,
  set: Variables,
  unset: string[],
  problems: VariableProblem[],
): Rejection | null {
  if (problems.length > 0) return badVariables(problems);
  const gone = new Set(unset);
  const kept = Object.entries(run.state.variables).filter(([name]) => !gone.has(name));
  const variables = { ...Object.fromEntries(kept), ...set };
  const size = checkSize(variables);
  if (size.length > 0) return badVariables(size);
  if (JSON.stringify(variables) !== JSON.stringify(run.state.variables))
    run.emit({ type: 'variables', variables });
  return null;
}

function badVariables(problems: VariableProblem[]): Rejection {
  const field = problems.find((problem) => problem.field !== null)?.field;
  const message = problems.map((problem) => problem.message).join(' ');
  return { code: 'bad-variable', message, problems, ...(typeof field === 'string' && { field }) };
}

function retry(run: Run, number: number | undefined): Rejection | null {
  const stuck = run.state.open.filter((open) => open.status === 'Incident');
  const meant = number === undefined ? stuck : stuck.filter((open) => open.number === number);
  const worth = meant.filter((open) => open.incident?.code !== 'deadlock');
  if (meant.length > 0 && worth.length === 0) {
    return reject(
      'nothing-to-retry',
      'Trying again cannot help here: nothing can come any more. Cancel the instance.',
    );
  }
  if (worth.length === 0) return reject('nothing-to-retry', 'Nothing is stuck here any more.');
  for (const open of worth) run.retry(open);
  return null;
}
