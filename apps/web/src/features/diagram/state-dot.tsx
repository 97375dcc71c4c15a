import { MARK_WORDS } from './mark-words.tsx';
import type { MarkState } from './marks.ts';
import classes from './state-dot.module.css';

/** A step's state as a small sign, wherever steps are listed. Its words stand beside it. */
export function StateDot({ state }: { state: MarkState | null }) {
  const Icon = state === null ? null : MARK_WORDS[state].Icon;
  return (
    <span className={classes.dot} data-state={state ?? undefined} aria-hidden>
      {Icon && <Icon size={12} stroke={2.5} />}
    </span>
  );
}
