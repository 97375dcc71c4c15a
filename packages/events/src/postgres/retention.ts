/** What the log keeps; what is beyond either goes. */
export interface Retention {
  readonly hours: number;
  readonly events: number;
}
