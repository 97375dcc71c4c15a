/** The longest name that PostgreSQL keeps whole, and the longest channel that it notifies on, in bytes. */
export const NAME_BYTES = 63;

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
