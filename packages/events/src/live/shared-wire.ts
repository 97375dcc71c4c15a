/**
 * What passes between a page and the worker that holds its stream: both directions of every message. Both ends are of
 * one version: the worker is named after it.
 */
import type { ChannelEvent, Frame } from './source.ts';

/** How a page is seen, and whether its device has a network. */
interface PageSurroundings {
  readonly online: boolean;
  readonly hidden: boolean;
}

export type FromPage =
  /** `opening` numbers the page's streams: what is said of an earlier one is no longer its business. */
  | ({ readonly kind: 'open'; readonly opening: number; readonly lastEventId?: string } & PageSurroundings)
  | { readonly kind: 'close' }
  | ({ readonly kind: 'surroundings' } & PageSurroundings);

/** What either end says of itself. */
export type LinkMessage =
  /** It holds this Web Lock for as long as it lives. */
  | { readonly kind: 'lock'; readonly name: string }
  /** It leaves; a page may come back, over another port. */
  | { readonly kind: 'bye' };

/** An error as far as it can be posted, and as far as the live store reads it. */
export interface PostedError {
  readonly message: string;
  readonly data?: unknown;
  readonly shape?: unknown;
}

export type ToPage<Event extends ChannelEvent> =
  /** At once, whatever becomes of the stream: the worker is there. */
  | { readonly kind: 'heard'; readonly opening: number }
  | { readonly kind: 'frames'; readonly opening: number; readonly frames: readonly Frame<Event>[] }
  /** The stream ended; whether for good, the error says. */
  | { readonly kind: 'ended'; readonly opening: number; readonly error: PostedError };

/** An error without what a message cannot carry: its methods, its cause, its stack. */
export function postedError(error: unknown): PostedError {
  const { message, data, shape } = (error ?? {}) as Partial<Record<keyof PostedError, unknown>>;
  return {
    message: typeof message === 'string' ? message : '',
    ...(data !== undefined && { data }),
    ...(shape !== undefined && { shape }),
  };
}
