export { audienceColumns, createAudience, defineChannels, keyOf, topicOf } from './contract.ts';
export type { ChannelDefinition, ChannelDefinitions, TopicTemplate } from './contract.ts';
export { contractOf } from './contract-version.ts';
export type { ColumnTypes, Contract } from './contract-version.ts';
export { EVENTS_ERROR_CODES, EventsError } from './error.ts';
export type { EventsErrorCode } from './error.ts';
export type {
  AnyChangeEvent,
  Announcement,
  ChangeEvents,
  Operation,
  PositionEvent,
  PublicChannel,
  ResyncEvent,
  ResyncReason,
  StreamEvent,
  StreamGreeting,
  Wire,
} from './event.ts';
