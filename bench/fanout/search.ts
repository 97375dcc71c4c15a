export interface SearchOptions {
  /** Rates that are tried first, upwards; beyond the last they double. */
  readonly ladder: readonly number[];
  /** The highest rate that is tried. */
  readonly most?: number;
  /** It ends when the lowest rate that was too high is at most so many times the highest that was not. */
  readonly resolution: number;
  /** A rate was too high when it was not sustained so many times: a machine has bad moments. */
  readonly tries: number;
}

/** How far below its first rung it looks when already that was too high. */
const BELOW = 10;

/** Looks for the highest rate that is sustained: upwards until one is not, then halving what lies between. */
export class Search {
  readonly #options: SearchOptions;
  #sustained = 0;
  #tooHigh: number | undefined;
  #rung = 0;
  #failed = 0;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** The rate to try now; undefined when it is found. */
  next(): number | undefined {
    const { most = Infinity, resolution } = this.#options;
    if (this.#tooHigh === undefined)
      return this.#sustained >= most ? undefined : Math.min(this.#climb(), most);
    const low = this.#sustained === 0 ? this.#options.ladder[0]! / BELOW : this.#sustained;
    if (this.#tooHigh / low <= resolution) return undefined;
    return Number(Math.sqrt(low * this.#tooHigh).toPrecision(3));
  }

  /** What became of the rate that `next` gave. */
  tell(isSustained: boolean): void {
    const rate = this.next();
    if (rate === undefined) return;
    if (isSustained) {
      this.#sustained = rate;
      this.#rung += 1;
      this.#failed = 0;
      return;
    }
    this.#failed += 1;
    if (this.#failed < this.#options.tries) return;
    this.#tooHigh = rate;
    this.#failed = 0;
  }

  #climb(): number {
    const { ladder } = this.#options;
    const last = ladder.length - 1;
    return this.#rung <= last ? ladder[this.#rung]! : ladder[last]! * 2 ** (this.#rung - last);
  }
}
