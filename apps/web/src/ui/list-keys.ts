/** Where a key leads in a list of `length` items; null when it leads nowhere. */
export function targetOf(key: string, index: number, length: number): number | null {
  if (length === 0) return null;
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return Math.min(length - 1, index + 1);
    case 'ArrowUp':
    case 'k':
      return Math.max(0, index === -1 ? length - 1 : index - 1);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return null;
  }
}

/** Which item gets the focus when the focused one has gone: the one that took its place, else the last. */
export function heirOf<Id>(ids: readonly Id[], formerIndex: number): Id | undefined {
  return ids[Math.min(formerIndex, ids.length - 1)];
}
