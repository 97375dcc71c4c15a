/** How much of one kind anybody may have: at once, and begun within a minute. */
export interface MeterOptions {
  readonly atOnce: number;
  /** Refills evenly; whoever has begun none for a minute may begin as many as this in one go. */
  readonly perMinute: number;
  /** A clock that only goes forward, in milliseconds. */
  readonly now: () => number;
  /** How many names are remembered that have nothing open. */
  readonly remembered?: number;
}

export type Entered =
  | { readonly kind: 'entered'; readonly leave: () => void }
  | { readonly kind: 'too-many-at-once' }
  | { readonly kind: 'too-often'; readonly retryAfterMs: number };

interface Use {
  open: number;
  /** What may still be begun at `at`; the time since then adds to it. */
  left: number;
  at: number;
}

const MINUTE = 60_000;
const REMEMBERED = 10_000;

/**
 * Counts, name by name, what is open and what was begun of late. A refusal costs its name nothing, so that whoever
 * keeps trying gets in as soon as anybody would.
 */
export class Meter {
  readonly #uses = new Map<string, Use>();
  readonly #options: Required<MeterOptions>;
  #sweptAt: number;

  constructor(options: MeterOptions) {
    this.#options = { remembered: REMEMBERED, ...options };
    this.#sweptAt = options.now();
  }

  /** How many names are remembered. */
  get size(): number {
    return this.#uses.size;
  }

  enter(name: string): Entered {
    const { atOnce, perMinute, now } = this.#options;
    const at = now();
    const use = this.#uses.get(name) ?? { open: 0, left: perMinute, at };
    if (use.open >= atOnce) return { kind: 'too-many-at-once' };
    const left = this.#leftOf(use, at);
    if (left < 1) return { kind: 'too-often', retryAfterMs: Math.ceil(((1 - left) * MINUTE) / perMinute) };
    Object.assign(use, { open: use.open + 1, left: left - 1, at });
    this.#uses.set(name, use);
    this.#forget(at);
    let entered = true;
    return {
      kind: 'entered',
      leave: () => {
        if (entered) use.open -= 1;
        entered = false;
      },
    };
  }

  #leftOf({ left, at }: Use, now: number): number {
    const { perMinute } = this.#options;
    return Math.min(perMinute, left + ((now - at) * perMinute) / MINUTE);
  }

  /** A name with nothing open and its minute over is as good as new; one with something open is bounded by that. */
  #forget(now: number): void {
    const { remembered, perMinute } = this.#options;
    if (now - this.#sweptAt >= MINUTE) {
      this.#sweptAt = now;
      for (const [name, use] of this.#uses) {
        if (use.open === 0 && this.#leftOf(use, now) >= perMinute) this.#uses.delete(name);
      }
    }
    if (this.#uses.size <= remembered) return;
    // Of names made up by the thousand the oldest go first, down to half, so that this is seldom done.
    for (const [name, { open }] of this.#uses) {
      if (this.#uses.size <= remembered / 2) return;
      if (open === 0) this.#uses.delete(name);
    }
  }
}
