import type { Schedule, Surroundings } from './surroundings.ts';

export interface WatchOptions {
  readonly surroundings: Surroundings;
  readonly schedule: Schedule;
  /** After how long out of sight `onLongHidden` is called; `Infinity`: never. */
  readonly hiddenMs: number;
  onOffline(): void;
  onOnline(): void;
  onSeen(): void;
  onLongHidden(): void;
}

/** Tells what becomes of the network and of the page's being seen; returns how to stop that. */
export function watchSurroundings(options: WatchOptions): () => void {
  const { surroundings, schedule, hiddenMs } = options;
  let online = surroundings.isOnline();
  let hidden = surroundings.isHidden();
  let cancelTimer: (() => void) | undefined;

  function hide(): void {
    // A timer of the browser's would take Infinity for "at once".
    if (hiddenMs < Infinity) cancelTimer = schedule(options.onLongHidden, hiddenMs);
  }

  function show(): void {
    cancelTimer?.();
    options.onSeen();
  }

  const stop = surroundings.onChange(() => {
    const was = { online, hidden };
    online = surroundings.isOnline();
    hidden = surroundings.isHidden();
    if (hidden !== was.hidden) (hidden ? hide : show)();
    if (online !== was.online) (online ? options.onOnline : options.onOffline)();
  });
  return () => {
    stop();
    cancelTimer?.();
  };
}
