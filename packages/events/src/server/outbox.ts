import type { AnyChangeEvent, StreamEvent } from '../event.ts';
import { Delivery } from './delivery.ts';

/** Whom an outbox addresses. */
export interface Addressee {
  /** The channels that it hears; undefined: all. */
  readonly channels: ReadonlySet<string> | undefined;
  /** Their names in order, as one text. */
  readonly channelNames: string;
}

/** An event, and the topics that it goes to. */
export interface Routed<Event> {
  readonly event: Event;
  readonly topics: readonly string[];
}

/** Those who hear a batch by the same topics. */
interface Group<Event extends AnyChangeEvent> {
  readonly topics: readonly string[];
  /** With one topic more. */
  readonly larger: Map<string, Group<Event>>;
  /** By the channels heard. */
  readonly deliveries: Map<string, Delivery<Event> | undefined>;
}

/**
 * What one batch gives its subscribers. Those who hear the same topics of it on the same channels share one
 * {@link Delivery}, so that a subscriber costs the topics of the batch that it hears, and not the events.
 */
export class Outbox<Sub extends Addressee, Event extends AnyChangeEvent> {
  readonly #groups = new Map<Sub, Group<Event>>();
  readonly #own = new Map<Sub, StreamEvent<Event>[]>();
  readonly #nobody: Group<Event> = { topics: [], larger: new Map(), deliveries: new Map() };
  /** Which of the events go to a topic, by their number. */
  readonly #byTopic = new Map<string, number[]>();
  readonly #events: readonly Routed<Event>[];
  readonly #from: string;
  readonly #to: string;

  constructor(from: string, to: string, events: readonly Routed<Event>[] = []) {
    this.#from = from;
    this.#to = to;
    this.#events = events;
    for (const [number, { topics }] of events.entries()) {
      for (const topic of topics) {
        const there = this.#byTopic.get(topic);
        if (there === undefined) this.#byTopic.set(topic, [number]);
        else if (there.at(-1) !== number) there.push(number);
      }
    }
  }

  /** The topics that the batch speaks to. */
  get topics(): Iterable<string> {
    return this.#byTopic.keys();
  }

  /** Gives the subscriber all events of the topic. */
  share(sub: Sub, topic: string): void {
    const group = this.#groups.get(sub) ?? this.#nobody;
    let larger = group.larger.get(topic);
    if (larger === undefined) {
      larger = { topics: [...group.topics, topic], larger: new Map(), deliveries: new Map() };
      group.larger.set(topic, larger);
    }
    this.#groups.set(sub, larger);
  }

  /** Gives one subscriber something of its own, after what it shares. */
  add(sub: Sub, event: StreamEvent<Event>): void {
    const own = this.#own.get(sub);
    if (own === undefined) this.#own.set(sub, [event]);
    else own.push(event);
  }

  send(push: (sub: Sub, delivery: Delivery<Event>) => void): void {
    for (const [sub, group] of this.#groups) {
      if (this.#own.has(sub)) continue;
      const delivery = this.#shared(group, sub);
      if (delivery !== undefined) push(sub, delivery);
    }
    for (const [sub, own] of this.#own) {
      const group = this.#groups.get(sub);
      const shared = group === undefined ? [] : this.#eventsOf(group, sub.channels);
      push(sub, Delivery.ofBatch([...shared, ...own], this.#from, this.#to));
    }
  }

  #shared(group: Group<Event>, { channels, channelNames }: Sub): Delivery<Event> | undefined {
    if (!group.deliveries.has(channelNames)) {
      const events = this.#eventsOf(group, channels);
      const delivery = events.length === 0 ? undefined : Delivery.ofBatch(events, this.#from, this.#to);
      group.deliveries.set(channelNames, delivery);
    }
    return group.deliveries.get(channelNames);
  }

  #eventsOf({ topics }: Group<Event>, channels: ReadonlySet<string> | undefined): StreamEvent<Event>[] {
    const numbers = new Set(topics.flatMap((topic) => this.#byTopic.get(topic) ?? []));
    const inOrder = topics.length === 1 ? numbers : [...numbers].toSorted((a, b) => a - b);
    return Array.from(inOrder, (number) => this.#events[number]!.event as StreamEvent<Event>).filter(
      ({ channel }) => channels?.has(channel) ?? true,
    );
  }
}
