/** How much is done in one turn of the event loop: some milliseconds' worth of announcements looked at. */
const TURN = 10_000;

/** Tells how much it was. */
type Work = () => number;

export interface WorkTurns {
  /** Does the work now, or, when enough was done in this turn of the event loop, in a later one: in order. */
  add(work: Work): void;
}

/** Work for thousands of streams in parts, so that between them the process does what else there is to do. */
export function createWorkTurns(schedule: (run: () => void, milliseconds: number) => () => void): WorkTurns {
  const waiting: Work[] = [];
  let done = 0;
  let isDue = false;

  function act(work: Work): void {
    // A turn ends here with its first microtask: who asks together is answered without one in between.
    if (done === 0) queueMicrotask(() => (done = 0));
    const amount = work();
    done += amount;
  }

  function goOnLater(): void {
    if (isDue) return;
    isDue = true;
    schedule(goOn, 0);
  }

  function goOn(): void {
    isDue = false;
    done = 0;
    while (done < TURN) {
      const work = waiting.shift();
      if (work === undefined) return;
      act(work);
    }
    if (waiting.length > 0) goOnLater();
  }

  return {
    add(work) {
      if (waiting.length === 0 && done < TURN) return act(work);
      waiting.push(work);
      goOnLater();
    },
  };
}
