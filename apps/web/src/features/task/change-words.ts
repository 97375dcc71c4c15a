/** The part of a task's change event that says who did what. */
export interface TaskEvent {
  operation: 'INSERT' | 'UPDATE' | 'DELETE';
  status: string;
  claimed_by: string | null;
  completed_by: string | null;
}

export interface Doer {
  /** Null: not known, or nobody in particular. */
  profileId: string | null;
  what: 'completed' | 'took' | 'released';
}

/** Who did what, told from the event and what the screen showed before; null when no person did anything. */
export function doerOf(
  event: TaskEvent,
  before: { claimedBy: { id: string } | null } | undefined,
): Doer | null {
  if (event.operation !== 'UPDATE') return null;
  if (event.status === 'Completed') {
    return event.completed_by === null ? null : { profileId: event.completed_by, what: 'completed' };
  }
  if (event.status !== 'Active' || before === undefined) return null;
  const claimer = before.claimedBy?.id ?? null;
  if (event.claimed_by === claimer) return null;
  if (event.claimed_by !== null) return { profileId: event.claimed_by, what: 'took' };
  // They themselves, an owner in their place, or their leaving the team: the event does not say.
  return { profileId: null, what: 'released' };
}

/** "Bo completed this"; of a release, which names nobody: "This is free again". */
export function changeWords(what: Doer['what'], who: string, called: string): string {
  if (what !== 'released') return `${who} ${what} ${called}`;
  return `${called.charAt(0).toUpperCase()}${called.slice(1)} is free again`;
}
