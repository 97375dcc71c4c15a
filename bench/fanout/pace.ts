import { fanoutEvent, type FanoutEvent } from './event.ts';

interface PaceOptions {
  /** Events a second, one team after the other. */
  readonly rate: number;
  readonly teams: number;
  /** Milliseconds between flushes. */
  readonly flushEvery: number;
  readonly began: number;
  readonly firstSeq: number;
}

/** An even rate, in flushes. */
export class Pace {
  readonly #options: PaceOptions;
  #flushes = 0;
  #given = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Milliseconds until the next flush; 0 or less when it is due. */
  wait(now: number): number {
    return this.#flushAt() - now;
  }

  /** The events of the next flush: no more than that, however late it is, since longer flushes would cost less. */
  flush(): FanoutEvent[] {
    const { rate, teams, began, firstSeq } = this.#options;
    const perMillisecond = rate / 1_000;
    const until = Math.floor((this.#flushAt() - began) * perMillisecond);
    const events: FanoutEvent[] = [];
    for (; this.#given < until; this.#given += 1) {
      const due = began + (this.#given + 1) / perMillisecond;
      const seq = firstSeq + this.#given;
      events.push(fanoutEvent(seq, 1 + (seq % teams), due));
    }
    this.#flushes += 1;
    return events;
  }

  #flushAt(): number {
    return this.#options.began + (this.#flushes + 1) * this.#options.flushEvery;
  }
}
