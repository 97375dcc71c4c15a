import { fanoutEvent, type FanoutEvent } from './event.ts';

/** An even rate: which events are due by now, to one team after the other. */
export class Pace {
  readonly #perMillisecond: number;
  readonly #teams: number;
  readonly #began: number;
  readonly #firstSeq: number;
  #given = 0;

  constructor(options: { rate: number; teams: number; began: number; firstSeq: number }) {
    this.#perMillisecond = options.rate / 1_000;
    this.#teams = options.teams;
    this.#began = options.began;
    this.#firstSeq = options.firstSeq;
  }

  /** Those that were not given yet. None is left out, however late they are asked for. */
  due(now: number): FanoutEvent[] {
    const until = Math.floor((now - this.#began) * this.#perMillisecond);
    const events: FanoutEvent[] = [];
    for (; this.#given < until; this.#given += 1) {
      const due = this.#began + (this.#given + 1) / this.#perMillisecond;
      const seq = this.#firstSeq + this.#given;
      events.push(fanoutEvent(seq, 1 + (seq % this.#teams), due));
    }
    return events;
  }
}
