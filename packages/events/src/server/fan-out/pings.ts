/** What is pinged when it has been quiet. */
export interface Pinged {
  /** The turn in which something was last written to it. */
  movedAt: number;
  /** Where on the wheel it is. */
  place: number;
  /** Writes to it. */
  ping(): void;
}

/** How many turns an interval has: a ping comes too early by at most one of them. */
const TURNS = 32;

/**
 * Pings whoever was quiet for an interval, by one timer for all: a wheel of {@link TURNS} places, one of which is
 * looked at in each turn. Who was written to meanwhile is put where it would be due now, and not touched before.
 * (Varghese and Lauck, "Hashed and hierarchical timing wheels", 1987, scheme 4.)
 */
export class Pings {
  readonly #wheel = Array.from({ length: TURNS }, () => new Set<Pinged>());
  readonly #schedule: (run: () => void, milliseconds: number) => () => void;
  readonly #every: number;
  #count = 0;
  #turn = 0;
  #cancel: (() => void) | undefined;

  /** `every`: milliseconds. */
  constructor(every: number, schedule: (run: () => void, milliseconds: number) => () => void) {
    this.#every = every;
    this.#schedule = schedule;
  }

  /** Which turn it is. */
  get turn(): number {
    return this.#turn;
  }

  add(pinged: Pinged): void {
    pinged.movedAt = this.#turn;
    this.#put(pinged);
    this.#count += 1;
    this.#cancel ??= this.#schedule(this.#advance, this.#every / TURNS);
  }

  remove(pinged: Pinged): void {
    if (!this.#wheel[pinged.place]!.delete(pinged)) return;
    this.#count -= 1;
    if (this.#count > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A turn before the wheel has come around since it was written to. */
  #put(pinged: Pinged): void {
    pinged.place = (pinged.movedAt + TURNS - 1) % TURNS;
    this.#wheel[pinged.place]!.add(pinged);
  }

  readonly #advance = (): void => {
    this.#cancel = this.#schedule(this.#advance, this.#every / TURNS);
    this.#turn += 1;
    const place = this.#wheel[this.#turn % TURNS]!;
    // Who is put back at the same place is not met again in this turn.
    for (const pinged of Array.from(place)) {
      if (this.#turn - pinged.movedAt >= TURNS - 1) pinged.ping();
      if (!place.delete(pinged)) continue;
      this.#put(pinged);
    }
  };
}
