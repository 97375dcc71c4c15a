import type { AnyChangeEvent, StreamEvent } from '../event.ts';
import type { Frame } from './subscriber.ts';

/**
 * The frames that one batch gives its subscribers. All carry the position before the batch but the last, which carries
 * the one after it: whoever breaks off in between gets the whole batch again, and knows by `seq` what of it they have.
 */
export class Outbox<Sub, Event extends AnyChangeEvent> {
  readonly #frames = new Map<Sub, StreamEvent<Event>[]>();
  readonly #from: string;
  readonly #to: string;

  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  add(sub: Sub, event: StreamEvent<Event>): void {
    const events = this.#frames.get(sub);
    if (events === undefined) this.#frames.set(sub, [event]);
    else events.push(event);
  }

  send(push: (sub: Sub, frame: Frame<Event>) => void): void {
    for (const [sub, events] of this.#frames) {
      const last = events.length - 1;
      events.forEach((data, at) => push(sub, { id: at === last ? this.#to : this.#from, data }));
    }
  }
}
