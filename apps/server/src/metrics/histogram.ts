import type { Metric } from './text.ts';

/** Seconds: from what a person takes for at once up to what nobody should see. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How often which duration was seen, in seconds. */
export class Histogram {
  readonly #counts = BOUNDS.map(() => 0);
  #count = 0;
  #sum = 0;

  observe(seconds: number): void {
    this.#count += 1;
    this.#sum += seconds;
    const bound = BOUNDS.findIndex((most) => seconds <= most);
    if (bound !== -1) this.#counts[bound]! += 1;
  }

  metric(name: string, help: string): Metric {
    let below = 0;
    const buckets = BOUNDS.map((most, index) => ({
      suffix: '_bucket' as const,
      labels: { le: String(most) },
      value: (below += this.#counts[index]!),
    }));
    return {
      name,
      help,
      type: 'histogram',
      samples: [
        ...buckets,
        { suffix: '_bucket', labels: { le: '+Inf' }, value: this.#count },
        { suffix: '_sum', value: this.#sum },
        { suffix: '_count', value: this.#count },
      ],
    };
  }
}
