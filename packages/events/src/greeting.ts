import type { StreamGreeting } from './event.ts';

/** What a frame says of the server. A change says nothing of it, even where its row has columns of these names. */
export function greetingOf(event: { readonly channel: string }): StreamGreeting {
  return event.channel === 'position' || event.channel === 'resync' ? (event as StreamGreeting) : {};
}
