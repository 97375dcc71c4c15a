/** Any JSON value: what a variable may hold, and what survives a database column. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Variables = Record<string, Json>;

export type ElementKind = 'start' | 'end' | 'terminate' | 'task' | 'exclusive' | 'parallel';
export type FieldType = 'boolean' | 'number' | 'date' | 'text';

/** One thing a task asks for; it becomes the instance's variable of that name. */
export interface Field {
  name: string;
  label: string;
  type: FieldType;
  required: boolean;
  /** Texts the model's conditions compare this field with: worth offering, not binding. */
  options?: string[];
}

export interface FlowElement {
  id: string;
  kind: ElementKind;
  /** As the model says it, e.g. `bpmn:UserTask`. */
  bpmnType: string;
  name: string | null;
  /** A service, script, business-rule, send or receive task: a person confirms what a machine was meant to do. */
  automatic: boolean;
  documentation: string | null;
  incoming: string[];
  /** In document order, which is the order conditions are tried in. */
  outgoing: string[];
  default: string | null;
  /** Who does it, by the model's own name for them; null: every member. Only tasks and decisions have one. */
  performer: string | null;
  fields: Field[];
}

/** What a readable condition speaks of: a name in its FEEL text, and the variable that is meant. */
export interface ConditionName {
  feel: string;
  variable: string;
  /** The type it must have, where the condition says which is larger or smaller. */
  expects: 'number' | 'date' | null;
}

export type Condition =
  | { kind: 'readable'; source: string; feel: string; names: ConditionName[] }
  | { kind: 'unreadable'; source: string; reason: string };

export interface SequenceFlow {
  id: string;
  name: string | null;
  source: string;
  target: string;
  condition: Condition | null;
}

/** A model that can run. Plain JSON data, so it can be stored and sent. */
export interface ProcessModel {
  processId: string;
  name: string | null;
  startId: string;
  elements: Record<string, FlowElement>;
  flows: Record<string, SequenceFlow>;
}

export type ProblemCode =
  | 'unreadable-xml'
  | 'too-large'
  | 'no-process'
  | 'several-processes'
  | 'no-start'
  | 'several-starts'
  | 'unsupported-element'
  | 'unsupported-event'
  | 'unsupported-loop'
  | 'unsupported-compensation'
  | 'unsupported-quantity'
  | 'missing-id'
  | 'duplicate-id'
  | 'dangling-flow'
  | 'misplaced-flow'
  | 'unreachable';

/** Why a model cannot be deployed, and where. */
export interface Problem {
  elementId: string | null;
  elementName: string | null;
  code: ProblemCode;
  /** For people: what is wrong and what to do about it. */
  reason: string;
}

export interface ReadResult {
  /** Null exactly when there are problems. */
  model: ProcessModel | null;
  name: string | null;
  problems: Problem[];
}

export type InstanceStatus = 'Running' | 'Incident' | 'Completed' | 'Terminated' | 'Cancelled';
/** Active: a person must act. Waiting: a token at a parallel join. Incident: stuck, and says why. */
export type OpenStatus = 'Active' | 'Waiting' | 'Incident';

export type IncidentCode = 'condition-failed' | 'no-match' | 'deadlock' | 'endless-loop';

export interface Incident {
  code: IncidentCode;
  flowId: string | null;
  message: string;
  /** The flows a person had chosen when the task got stuck; a retry uses them again. */
  choice?: string[];
}

export interface OpenElement {
  /** Unique within the instance, counted by the engine. */
  number: number;
  elementId: string;
  status: OpenStatus;
  /** The flow it came by; null only for the start. */
  via: string | null;
  incident: Incident | null;
}

/** Everything of an instance that is not finished yet. */
export interface InstanceState {
  status: InstanceStatus;
  variables: Variables;
  nextNumber: number;
  /** Ascending by number. */
  open: OpenElement[];
}

export type Command =
  | { type: 'start'; variables: Variables }
  /** `choice`: ids of the flows the person chose, [] when there is nothing to choose. */
  | { type: 'complete'; number: number; data: Variables; choice: string[] }
  | { type: 'set-variables'; set: Variables; unset: string[] }
  /** Without a number: everything that is stuck. */
  | { type: 'retry'; number?: number }
  | { type: 'cancel' };

export type Change =
  /** A token came in. `taken` are the flows it left by at once, when the status is Completed. */
  | {
      type: 'enter';
      number: number;
      elementId: string;
      status: OpenStatus | 'Completed';
      via: string | null;
      incident: Incident | null;
      taken: string[];
    }
  | { type: 'leave'; number: number; status: 'Completed' | 'Cancelled'; taken: string[] }
  /** An open element becomes stuck, or stays stuck for a reason told anew. */
  | { type: 'incident'; number: number; incident: Incident }
  /** The whole new value. */
  | { type: 'variables'; variables: Variables }
  | { type: 'instance'; status: InstanceStatus };

export type RejectionCode =
  | 'not-started'
  | 'already-started'
  | 'not-running'
  | 'not-open'
  | 'not-active'
  | 'bad-variable'
  | 'choice-needed'
  | 'bad-choice'
  | 'nothing-to-retry';

export interface VariableProblem {
  /** Null when it is not about one variable. */
  field: string | null;
  message: string;
}

/** A rule says no; nothing has changed. */
export interface Rejection {
  code: RejectionCode;
  /** For people: what is wrong and what to do about it. */
  message: string;
  /** The first of `problems`. */
  field?: string;
  problems?: VariableProblem[];
}

export type StepResult =
  | { ok: true; changes: Change[]; state: InstanceState }
  | { ok: false; rejection: Rejection };

export interface TaskChoice {
  /** `one`: a decision; `any`: the further ways out of a task whose conditions only a person can judge. */
  mode: 'one' | 'any';
  required: boolean;
  flows: { id: string; name: string | null; targetName: string | null; source: string | null }[];
}

export interface TaskForm {
  fields: Field[];
  choice: TaskChoice | null;
  automatic: boolean;
  decision: boolean;
}
