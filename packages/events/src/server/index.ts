export { type Access, type LoadViewers, Revocation } from './access.ts';
export { createHub } from './hub.ts';
export type { Hub, HubOptions, SubscribeOptions } from './hub.ts';
export { encodePlainFrame, writePlainSse } from './plain-sse.ts';
export type { PlainSseOptions } from './plain-sse.ts';
export type { Frame, Selection } from './subscriber.ts';
