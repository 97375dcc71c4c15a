import type { BrowserStepsOptions, Patience } from './browser-steps.ts';
import type { HopResult } from './hop.ts';

/** What every step is given: the options, with patience filled in. */
export type StepContext = BrowserStepsOptions & { readonly patience: Patience };

/** A step's result, with what later steps need of it. */
export interface Judged {
  readonly result: HopResult;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Another one for every probe, so that no answer of an earlier walk passes for this one's. */
export function newNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
