import type { Heard } from './ear.ts';

interface Question {
  readonly events: number;
  readonly milliseconds: number;
}

/** Counts what an ear hears, and answers the process that asks. */
export class Tally {
  readonly #seen = new Set<number | string>();
  readonly #complaints: string[] = [];
  #twice = 0;
  #lastHeard = 0;
  #lastAnnounced = 0;
  #wake: (() => void) | undefined;

  hear(identity: number | string, announcedAt = 0): void {
    if (this.#seen.has(identity)) this.#twice += 1;
    this.#seen.add(identity);
    this.#lastHeard = Date.now();
    this.#lastAnnounced = Math.max(this.#lastAnnounced, announcedAt);
    this.#wake?.();
  }

  complain(complaint: string): void {
    this.#complaints.push(complaint);
  }

  /** Says that it is ready, and answers until the other side hangs up. */
  async answer(): Promise<void> {
    process.on('message', (question: Question) => {
      const reply = (): void => {
        this.#wake = undefined;
        clearTimeout(timer);
        const heard: Heard = {
          events: this.#seen.size,
          twice: this.#twice,
          complaints: this.#complaints,
          lag: this.#lastHeard - this.#lastAnnounced,
        };
        process.send?.(heard);
      };
      const timer = setTimeout(reply, question.milliseconds);
      this.#wake = () => void (this.#seen.size >= question.events && reply());
      this.#wake();
    });
    const hungUp = Promise.withResolvers<void>();
    process.once('disconnect', () => hungUp.resolve());
    process.send?.('ready');
    await hungUp.promise;
  }
}
