import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { notStarted, performers, readModel, step, taskForm } from './index.ts';
import { Instance } from './testing/models.ts';
import type { Command, Field, InstanceState, Json, ProcessModel, Variables } from './types.ts';

const read = (name: string) =>
  readModel(readFileSync(new URL(`./fixtures/${name}.bpmn`, import.meta.url), 'utf8'));

async function modelOf(name: string): Promise<ProcessModel> {
  const { model, problems } = await read(name);
  expect(problems).toEqual([]);
  return model as ProcessModel;
}

function answersTo(field: Field): Json[] {
  if (field.type === 'boolean') return [true, false];
  if (field.type === 'number') return [0, 1];
  return field.type === 'date' ? ['2024-01-31'] : (field.options ?? ['something']);
}

/** Every way a person could complete what is active. */
function* completions(model: ProcessModel, state: InstanceState): Generator<Command> {
  for (const { number, elementId, status } of state.open) {
    if (status !== 'Active') continue;
    const { fields, choice } = taskForm(model, elementId);
    let datas: Variables[] = [{}];
    for (const field of fields) {
      datas = datas.flatMap((data) => answersTo(field).map((value) => ({ ...data, [field.name]: value })));
    }
    const ways = choice === null ? [[]] : choice.flows.map(({ id }) => [id]);
    if (choice !== null && !choice.required) ways.push([]);
    for (const data of datas) for (const way of ways) yield { type: 'complete', number, data, choice: way };
  }
}

/** Tries everything a person could do, up to `depth` steps; says which ends were reached, and what got stuck. */
function explore(
  model: ProcessModel,
  depth: number,
): { ends: Set<string>; finished: number; stuck: string[] } {
  const found = { ends: new Set<string>(), finished: 0, stuck: [] as string[] };
  const visit = (state: InstanceState, left: number, commands: Iterable<Command>) => {
    for (const command of commands) {
      const result = step(model, state, command);
      if (!result.ok) throw new Error(result.rejection.message);
      for (const change of result.changes) {
        if (change.type === 'enter' && model.elements[change.elementId]?.kind === 'end') {
          found.ends.add(change.elementId);
        }
      }
      if (result.state.status === 'Completed') found.finished += 1;
      else if (result.state.status !== 'Running') found.stuck.push(JSON.stringify(result.state));
      else if (left > 0) visit(result.state, left - 1, completions(model, result.state));
    }
  };
  visit(notStarted(), depth, [{ type: 'start', variables: {} }]);
  return found;
}

describe('models from outside run to all their ends', () => {
  test.each([
    { name: 'A.1.0', ends: 1, depth: 3 },
    { name: 'A.2.0', ends: 1, depth: 3 },
    { name: 'A.2.1', ends: 1, depth: 5 },
    { name: 'C.1.1', ends: 2, depth: 8 },
  ])('$name', async ({ name, ends, depth }) => {
    const model = await modelOf(name);
    const found = explore(model, depth);
    expect(found.stuck).toEqual([]);
    expect(found.finished).toBeGreaterThan(0);
    const all = Object.values(model.elements).filter((element) => element.kind === 'end');
    expect(all).toHaveLength(ends);
    expect([...found.ends].toSorted()).toEqual(all.map((element) => element.id).toSorted());
  });
});

describe('C.1.1, the invoice', () => {
  test('is paid: approved at once', async () => {
    const invoice = Instance.begin(await modelOf('C.1.1'));
    expect(invoice.open).toEqual(['assignApprover']);
    invoice.complete('assignApprover', { approver: 'bo' }).complete('approveInvoice', { approved: true });
    invoice.complete('prepareBankTransfer').complete('archiveInvoice');
    expect(invoice.state.status).toBe('Completed');
    expect(invoice.state.variables).toEqual({ approver: 'bo', approved: true });
    expect(invoice.ends).toEqual(['invoiceProcessed']);
  });

  test('is refused: not approved, clarified, not approved again, not clarified', async () => {
    const invoice = Instance.begin(await modelOf('C.1.1'));
    invoice.complete('assignApprover', { approver: 'bo' }).complete('approveInvoice', { approved: false });
    expect(invoice.open).toEqual(['reviewInvoice']);
    invoice.complete('reviewInvoice', { clarified: 'yes' }).complete('approveInvoice', { approved: false });
    invoice.complete('reviewInvoice', { clarified: 'no' });
    expect(invoice.ends).toEqual(['invoiceNotProcessed']);
    expect(invoice.state.status).toBe('Completed');
  });

  test('gets stuck on an answer its conditions do not know, and goes on once that is corrected', async () => {
    const invoice = Instance.begin(await modelOf('C.1.1'));
    invoice.complete('assignApprover', { approver: 'bo' }).complete('approveInvoice', { approved: false });
    invoice.complete('reviewInvoice', { clarified: 'perhaps' });
    expect(invoice.state.status).toBe('Incident');
    expect(invoice.incident.code).toBe('no-match');
    invoice.set({ clarified: 'yes' }).retry();
    expect(invoice.state.status).toBe('Running');
    expect(invoice.open).toEqual(['approveInvoice']);
  });

  test('asks for its data outputs, names its potential owners, marks its service task', async () => {
    const model = await modelOf('C.1.1');
    expect(model.name).toBe('Invoice Handling (OMG BPMN MIWG Demo)');
    expect(taskForm(model, 'approveInvoice')).toEqual({
      fields: [{ name: 'approved', label: 'approved', type: 'boolean', required: true }],
      choice: null,
      automatic: false,
      decision: false,
    });
    expect(taskForm(model, 'reviewInvoice').fields).toEqual([
      { name: 'clarified', label: 'clarified', type: 'text', required: true, options: ['yes', 'no'] },
    ]);
    expect(taskForm(model, 'archiveInvoice').automatic).toBe(true);
    expect(performers(model)).toEqual([
      { name: 'Approver', elementIds: ['approveInvoice'] },
      { name: 'Team Assistant', elementIds: ['assignApprover', 'reviewInvoice'] },
      { name: 'Accountant', elementIds: ['prepareBankTransfer'] },
    ]);
  });
});

test('A.2.0 has no conditions: a person decides at the gateway, by the names of what follows', async () => {
  const model = await modelOf('A.2.0');
  const instance = Instance.begin(model);
  instance.complete('_5a972b87-735d-454a-b31c-f52fb3afc5c7');
  const gateway = '_35fe57a7-1302-44e2-bf58-032f11af7ecb';
  expect(instance.open).toEqual([gateway]);
  const form = taskForm(model, gateway);
  expect(form.decision).toBe(true);
  expect(form.choice?.flows.map((each) => each.targetName)).toEqual(['Task 2', 'Task 3', 'Task 4']);
  expect(model.elements[gateway]?.name).toBe('Gateway (Split Flow)');
});

test('A.2.1 has empty conditions (a decision) and a default way out of a task', async () => {
  const model = await modelOf('A.2.1');
  const [task2, task3, task4] = [
    '_To9ZtjOCEeSknpIVFCxNIQ',
    '_To9ZwDOCEeSknpIVFCxNIQ',
    '_To9ZzzOCEeSknpIVFCxNIQ',
  ];
  expect(taskForm(model, '_To9ZyjOCEeSknpIVFCxNIQ').choice?.mode).toBe('one');
  expect(taskForm(model, task2).choice).toBeNull();
  expect(taskForm(model, task4).choice).toMatchObject({
    mode: 'any',
    required: false,
    flows: [{ name: 'condition' }],
  });
  const instance = Instance.begin(model).complete('_To9ZpzOCEeSknpIVFCxNIQ');
  instance.complete('_To9ZyjOCEeSknpIVFCxNIQ', {}, ['_To9Z_DOCEeSknpIVFCxNIQ']).complete(task4);
  expect(instance.open).toEqual([task3]);
});

const refused = async (name: string) => {
  const { model, problems } = await read(name);
  expect(model).toBeNull();
  for (const { reason } of problems) expect(reason).toMatch(/^[A-Z].*\.$/u);
  return problems.map(({ elementName, elementId, code }) => `${elementName ?? elementId}: ${code}`);
};

describe('models that cannot run are refused with reasons', () => {
  test('A.3.0: a sub-process and what hangs on it', async () => {
    expect(await refused('A.3.0')).toEqual([
      'Collapsed Sub-Process: unsupported-element',
      'Boundary Intermediate Event Non-Interrupting Message: unsupported-event',
      'Boundary Intermediate Event Interrupting Escalation: unsupported-event',
    ]);
  });

  test('A.4.0: two processes with sub-processes', async () => {
    expect(await refused('A.4.0')).toEqual([
      'Pool: several-processes',
      'WFP-6-2: several-processes',
      'Expanded Sub-Process 1: unsupported-element',
      'Expanded Sub-Process 2: unsupported-element',
    ]);
  });

  test('C.3.0: a message start, quantities, a sub-process, events on borders', async () => {
    expect(await refused('C.3.0')).toEqual([
      'Receive customer request: unsupported-event',
      'Analyse customer request: unsupported-quantity',
      'Perform emergency repair: unsupported-element',
      '2 hours: unsupported-event',
      'Bpmn_BoundaryEvent_LwKtwhqHEeWDuOtG0oS24A: unsupported-event',
    ]);
  });
});
