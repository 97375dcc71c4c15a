/**
 * The doorbell's protocol, small enough to be explored whole: writers of one event each, two pumps of which one is
 * elected, crashes and stopped processes. What a transaction does at one moment in PostgreSQL is one step here.
 */
export interface Protocol {
  readonly writer: readonly WriterStep[];
  /** What an elected pump does before it sleeps for the first time. */
  readonly takeOver: readonly PumpStep[];
  /** From sleeping to polling. */
  readonly wake: readonly PumpStep[];
  /** From polling to sleeping. */
  readonly sleep: readonly PumpStep[];
  /** How emitting moves the durable cursor. */
  readonly cursor: 'if-it-is-where-it-was' | 'in-any-case' | 'in-a-second-transaction';
  /** Whether a read whose events another pump emitted first is done over. */
  readonly readsAgain: boolean;
  /** Whether the server ends a silent pump's session. */
  readonly lease: boolean;
}

/** `append` takes a transaction id too, if there is none yet. */
export type WriterStep = 'take-xid' | 'append' | 'try';

/**
 * `poll-until-ended` reads and emits until a read's own snapshot shows that all have ended who had not at
 * `snapshot`; `wait-until-ended` only looks. `bare-snapshot`: PostgreSQL's snapshots name of those in progress only the
 * ones below the largest id that has ended, so the pump takes and ends an id of its own before a `snapshot`.
 */
export type PumpStep =
  | 'listen'
  | 'read'
  | 'unlock'
  | 'snapshot'
  | 'bare-snapshot'
  | 'poll-until-ended'
  | 'wait-until-ended'
  | 'queue'
  | 'await-lock';

export const RIGHT: Protocol = {
  writer: ['take-xid', 'try', 'append'],
  takeOver: ['listen', 'snapshot', 'poll-until-ended'],
  wake: ['queue'],
  sleep: ['unlock', 'snapshot', 'poll-until-ended'],
  cursor: 'if-it-is-where-it-was',
  readsAgain: true,
  lease: true,
};

export interface Writer {
  readonly name: string;
  /** Its statement is beyond the ring limit: it never tries, and its commit says "read". */
  readonly large: boolean;
  readonly step: number;
  /** In the order of ids; 0: none yet. */
  readonly xid: number;
  readonly shares: boolean;
  readonly rung: boolean;
  readonly appended: boolean;
  readonly end: 'open' | 'committed' | 'aborted';
  /** How often LISTEN clients got its event. */
  readonly heard: number;
}

export interface Pump {
  readonly at: 'candidate' | 'taking-over' | 'asleep' | 'waking' | 'awake' | 'going-to-sleep' | 'deposed';
  readonly step: number;
  readonly lock: 'none' | 'queued' | 'held';
  readonly listens: boolean;
  readonly told: boolean;
  readonly stopped: boolean;
  /** Who had not ended at its snapshot: one bit a writer. */
  readonly awaited: number;
  /** A read whose events are not emitted yet. */
  readonly read: { readonly from: number; readonly to: number; readonly last: boolean } | undefined;
  /** Emitted, with the cursor to follow (only where it moves in a second transaction). */
  readonly owes: number | undefined;
}

export interface State {
  readonly writers: readonly Writer[];
  readonly pumps: readonly Pump[];
  /** What has been emitted up to: the transactions seen to have ended. */
  readonly cursor: number;
  readonly crashes: number;
  readonly stops: number;
}

/** Not elected: it only waits to be. A crash ends here too: servers are started again. */
export const CANDIDATE: Pump = {
  at: 'candidate',
  step: 0,
  lock: 'none',
  listens: false,
  told: false,
  stopped: false,
  awaited: 0,
  read: undefined,
  owes: undefined,
};
