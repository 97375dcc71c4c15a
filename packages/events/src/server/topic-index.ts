/** topic -> subscribers, and back; what is looked up costs what it reaches, not what there is. */
export class TopicIndex<Subscriber> {
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #topics = new Map<Subscriber, ReadonlySet<string>>();

  /** How many topics somebody hears. */
  get size(): number {
    return this.#subscribers.size;
  }

  /** Replaces the subscriber's topics. Tells whether any was taken. */
  set(subscriber: Subscriber, topics: Iterable<string>): boolean {
    const next = new Set(topics);
    let taken = false;
    for (const topic of this.#topics.get(subscriber) ?? []) {
      if (next.has(topic)) continue;
      this.#leave(subscriber, topic);
      taken = true;
    }
    for (const topic of next) {
      const there = this.#subscribers.get(topic);
      if (there === undefined) this.#subscribers.set(topic, new Set([subscriber]));
      else there.add(subscriber);
    }
    this.#topics.set(subscriber, next);
    return taken;
  }

  delete(subscriber: Subscriber): void {
    for (const topic of this.#topics.get(subscriber) ?? []) this.#leave(subscriber, topic);
    this.#topics.delete(subscriber);
  }

  has(subscriber: Subscriber, topic: string): boolean {
    return this.#topics.get(subscriber)?.has(topic) ?? false;
  }

  /** The subscriber's topics as they are now; a later change makes another set. */
  topicsOf(subscriber: Subscriber): ReadonlySet<string> {
    return this.#topics.get(subscriber) ?? new Set();
  }

  /** The subscribers of one topic as they are now: not to be held while topics change. */
  of(topic: string): Iterable<Subscriber> {
    return this.#subscribers.get(topic) ?? [];
  }

  /** Each subscriber of any of the topics, once; a copy, safe while topics change. */
  find(topics: readonly string[]): Set<Subscriber> {
    const found = new Set<Subscriber>();
    for (const topic of topics) {
      for (const subscriber of this.#subscribers.get(topic) ?? []) found.add(subscriber);
    }
    return found;
  }

  #leave(subscriber: Subscriber, topic: string): void {
    const there = this.#subscribers.get(topic);
    there?.delete(subscriber);
    if (there?.size === 0) this.#subscribers.delete(topic);
  }
}
