import type { Batch } from '../batch.ts';
import type { Announcement } from '../event.ts';

/**
 * The latest batches, so that who was away for a short while costs the database nothing. Bounded by events and by
 * batches; each of its positions is one that a subscriber may have.
 */
export class Ring {
  #batches: Batch[] = [];
  /** Position -> the number of the batch that begins there, counted over all time. */
  readonly #starts = new Map<string, number>();
  #dropped = 0;
  #events = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(batch: Batch): void {
    if (this.#limit === 0) return;
    this.#starts.set(batch.from, this.#dropped + this.#batches.length);
    this.#batches.push(batch);
    this.#events += batch.announcements.length;
    while (this.#events > this.#limit || this.#batches.length > this.#limit) this.#drop();
  }

  /** What came after the position, in order; undefined when that is not known here. */
  after(position: string, head: string): Announcement[] | undefined {
    if (position === head) return [];
    const start = this.#starts.get(position);
    return start === undefined
      ? undefined
      : this.#batches.slice(start - this.#dropped).flatMap(({ announcements }) => announcements);
  }

  has(position: string, head: string): boolean {
    return position === head || this.#starts.has(position);
  }

  clear(): void {
    this.#batches = [];
    this.#starts.clear();
    this.#events = 0;
    this.#dropped = 0;
  }

  #drop(): void {
    const batch = this.#batches.shift() as Batch;
    this.#starts.delete(batch.from);
    this.#dropped += 1;
    this.#events -= batch.announcements.length;
  }
}
