import { Tooltip, VisuallyHidden } from '@mantine/core';

import { durationWords } from '../../ui/relative-words.ts';
import { useTicking } from '../../ui/ticker.ts';
import classes from './diagram.module.css';
import { MARK_WORDS } from './mark-words.tsx';
import type { Mark } from './marks.ts';

interface BadgeProps {
  mark: Mark;
  name: string;
  onSelect: ((elementId: string) => void) | undefined;
}

/** What hangs on a step in the drawing: an icon, who, and how long. A button where a click opens something. */
export function MarkBadge({ mark, name, onSelect }: BadgeProps) {
  const { label, Icon } = MARK_WORDS[mark.state];
  const inside = (
    <>
      <Icon size={12} stroke={2.5} aria-hidden />
      {mark.state !== 'done' && mark.who !== null && <span className={classes.words}>{mark.who}</span>}
      {mark.state !== 'done' && mark.who !== null && mark.since !== null && (
        <span className={classes.words} aria-hidden>
          ·
        </span>
      )}
      {mark.since !== null && <Elapsed since={mark.since} />}
      {mark.times > 1 && mark.state !== 'problem' && <span className={classes.words}>×{mark.times}</span>}
    </>
  );
  const story = [label, mark.who, mark.detail].filter(Boolean).join(' · ');
  const select = mark.action === null ? undefined : onSelect;
  return (
    <Tooltip label={story} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      {select ? (
        <button
          type="button"
          className={classes.badge}
          data-state={mark.state}
          onClick={() => select(mark.elementId)}
        >
          {/* Not as a label in its place: who controls by voice says what is seen. */}
          <VisuallyHidden>{`${mark.action}: ${name}, ${mark.since === null ? `${story} ` : ''}`}</VisuallyHidden>
          {inside}
        </button>
      ) : (
        <span
          className={classes.badge}
          data-state={mark.state}
          role="img"
          aria-label={`${name}: ${story}`}
          tabIndex={mark.detail === null ? undefined : 0}
        >
          {inside}
        </span>
      )}
    </Tooltip>
  );
}

/** The badge's tooltip tells the whole story, so the time needs none of its own. */
function Elapsed({ since }: { since: string }) {
  return <span className={classes.words}>{useTicking((now) => durationWords(now - Date.parse(since)))}</span>;
}
