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
