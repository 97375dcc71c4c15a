/** Plain numbers that only grow, to be read whenever the application wants to. */
export interface SourceMetrics {
  /** Statements that read the log. */
  logReads: number;
  /** Batches handed to the hub, empty ones included. */
  batches: number;
  /** Of these, batches that came by the pump's notifications, without a read. */
  marksTaken: number;
  /** Events in the batches. */
  events: number;
  /** Events that no notification told of: only the safety read found them. */
  safetyFound: number;
  /** How often everybody had to start over. */
  gaps: number;
  /** Subscribers that were told from the log what they had missed. */
  resumesFromLog: number;
}

export function createSourceMetrics(): SourceMetrics {
  return { logReads: 0, batches: 0, marksTaken: 0, events: 0, safetyFound: 0, gaps: 0, resumesFromLog: 0 };
}

/** Plain numbers, to be read whenever the application wants to. */
export interface PumpMetrics {
  /** `candidate`: another server is the pump. `settling`: no longer masking, but writers that were masked are open. */
  readonly state: 'candidate' | 'asleep' | 'awake' | 'settling' | 'closed';
  /** How often it began to mask the writers. */
  readonly wakes: number;
  /** Reads of the log. */
  readonly reads: number;
  /** Events that it notified. */
  readonly emitted: number;
  /** Of these, events that only the read of every second found while asleep. */
  readonly safetyFound: number;
  /** The process of the oldest transaction that it waits for while settling; 0 where that one is a prepared one. */
  readonly waitingFor: number | undefined;
}

export interface PrunerMetrics {
  readonly turns: number;
  readonly deleted: number;
}
