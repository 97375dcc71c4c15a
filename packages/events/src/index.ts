export { audienceColumns, createAudience, defineChannels, EventsError, keyOf } from './contract.ts';
export type {
  AnyChangeEvent,
  Announcement,
  ChangeEvents,
  ChannelDefinition,
  ChannelDefinitions,
  EventsErrorCode,
  Operation,
  PositionEvent,
  PublicChannel,
  ResyncEvent,
  ResyncReason,
  StreamEvent,
  Wire,
} from './contract.ts';
