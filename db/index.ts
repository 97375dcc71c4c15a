export {
  type AnyEvent,
  type Channel,
  type Channels,
  channels,
  type Event,
  type Page,
  PAGES,
} from './channels.ts';
export { contract } from './contract.ts';
export type { Database, Json } from './types.ts';
