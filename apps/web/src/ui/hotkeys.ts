/** True when the event is the key that `keys` names: "c", "?", "mod+Enter" (Ctrl, or ⌘ on a Mac), "mod+shift+L". */
export function isHotkey(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const mod = parts.includes('mod');
  if ((event.ctrlKey || event.metaKey) !== mod || event.altKey) return false;
  // Otherwise it belongs to the character: "?" is typed with it.
  if (parts.includes('shift') && !event.shiftKey) return false;
  return event.key.toLowerCase() === key.toLowerCase();
}

/** True when the key belongs to what has the focus: a field being typed in, an open menu. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest('input:not([type=checkbox],[type=radio]),textarea,select,[role=menu],[role=listbox]') !==
      null
  );
}

/** The keys as they stand on the keyboard. */
export function keyCaps(keys: string): string[] {
  const mod = navigator.userAgent.includes('Mac') ? '⌘' : 'Ctrl';
  const names: Readonly<Record<string, string>> = { mod, shift: 'Shift' };
  return keys.split('+').map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}
