interface Listed {
  id: number;
  name: string;
  mayAct: boolean;
  claimedBy: { id: string } | null;
  instance: { id: number };
}

/**
 * The task to go on with, of those that are open now: the next step of the same run, else the one below the completed
 * one, else from the top. What someone else is at is passed over.
 */
export function nextTask<Task extends Listed>(
  completed: { id: number; instance: { id: number } },
  profileId: string,
  ahead: readonly { id: number }[],
  open: readonly Task[],
): Task | undefined {
  const free = open.filter(
    ({ id, mayAct, claimedBy }) =>
      mayAct && id !== completed.id && (claimedBy === null || claimedBy.id === profileId),
  );
  const sameRun = free.find(({ instance }) => instance.id === completed.instance.id);
  const below = ahead.map(({ id }) => free.find((each) => each.id === id)).find((each) => each !== undefined);
  return sameRun ?? below ?? free[0];
}
