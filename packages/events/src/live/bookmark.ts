/** Where the store is in the stream: its position, and what it has heard since that moved. */
export interface Bookmark {
  readonly position: string | undefined;
  /** How many events it remembers: never more than one batch has, and the one before it. */
  readonly remembered: number;
  /** Notes a frame; false for an event that was heard before. */
  note(id: string, seq: unknown): boolean;
  forget(): void;
}

/**
 * Until a batch has come whole, its frames carry the position before it: a stream that breaks off inside is opened
 * again from there, and the server repeats the batch. So the numbers heard since the position last moved are kept,
 * and no others: what lies before the position is not repeated.
 */
export function createBookmark(): Bookmark {
  let position: string | undefined;
  const heard = new Set<number>();
  return {
    get position() {
      return position;
    },
    get remembered() {
      return heard.size;
    },
    note(id, seq) {
      const known = typeof seq === 'number' && heard.has(seq);
      if (!id) return !known;
      if (id !== position) heard.clear();
      position = id;
      // Also of the frame that moved it: it may as well be the first of a batch that begins there.
      if (typeof seq === 'number') heard.add(seq);
      return !known;
    },
    forget() {
      position = undefined;
      heard.clear();
    },
  };
}
