import { Alert, Loader, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { createPortal } from 'react-dom';

import { Unreachable } from '../../ui/states.tsx';
import { MarkBadge } from './badge.tsx';
import { Controls } from './controls.tsx';
import classes from './diagram.module.css';
import { Legend } from './legend.tsx';
import { heightFor, isNarrow } from './fit-box.ts';
import type { Mark } from './marks.ts';
import { outline } from './outline.ts';
import { StepList } from './step-list.tsx';
import { useDrawing } from './use-drawing.ts';
import { useFitting } from './use-fitting.ts';
import { useMarks } from './use-marks.ts';
import { usePanning } from './use-panning.ts';

export interface DiagramProps {
  xml: string;
  /** What is drawn, for those who do not see it: "Diagram of Invoice Handling". */
  label: string;
  marks?: readonly Mark[];
  takenFlows?: readonly string[];
  selected?: string | null;
  /** A mark with an `action` was clicked. */
  onSelect?: (elementId: string) => void;
  /** At most. */
  height?: number;
  legend?: boolean;
}

const NO_MARKS: readonly Mark[] = [];
const NO_FLOWS: readonly string[] = [];

/** A BPMN model as it is drawn, with what is going on marked on it; the same in words beside it. */
export function Diagram({
  xml,
  label,
  marks = NO_MARKS,
  takenFlows = NO_FLOWS,
  selected = null,
  onSelect,
  height = 380,
  legend = true,
}: DiagramProps) {
  const [listed, setListed] = useState(false);
  const { steps, size } = useMemo(() => outline(xml), [xml]);
  const { container, state } = useDrawing(xml, (elementId) => {
    if (marks.some((mark) => mark.elementId === elementId && mark.action !== null)) onSelect?.(elementId);
  });
  const drawing = state.status === 'drawn' ? state.drawing : null;
  const names = useMemo(() => new Map(steps.map((step) => [step.id, step.name ?? step.kind])), [steps]);
  const focus =
    selected ?? marks.find((mark) => mark.state !== 'done' && mark.state !== 'cancelled')?.elementId ?? null;
  const badges = useMarks(drawing, marks, takenFlows, selected);
  const fitting = useFitting(drawing, container, focus, listed);
  usePanning(drawing, container, fitting);

  // As high as the drawing needs at this width, within limits: known before it is drawn, so that nothing jumps.
  const { ref: measured, width } = useElementSize();
  const needed =
    size === null || width === 0 ? height : Math.max(240, Math.min(height, heightFor(size, width)));
  const inWords = listed || ['nothing-drawn', 'failed', 'unreachable'].includes(state.status);
  return (
    <div className={classes.root} role="group" aria-label={label} ref={measured}>
      {state.status === 'nothing-drawn' && (
        <Alert color="gray" title="This model has no drawing">
          The file holds the steps but not where they are drawn. Here they are as a list; a modelling tool can
          add the drawing.
        </Alert>
      )}
      {state.status === 'failed' && (
        <Alert color="red" title="This model cannot be drawn">
          <Text size="sm">The drawing failed: {state.reason}</Text>
        </Alert>
      )}
      {state.status === 'unreachable' && <Unreachable what="The drawing" retry={state.retry} />}
      {/* The list takes the drawing's place; the drawing stays mounted, or it would be drawn anew. */}
      <div className={classes.frame}>
        {drawing && (
          <Controls
            listed={listed}
            inRow={isNarrow(width)}
            onToggleList={() => setListed(!listed)}
            onZoom={(factor) => {
              fitting.release();
              drawing.zoomBy(factor);
            }}
            onFit={fitting.fitAll}
          />
        )}
        {inWords && (
          <div
            className={`${classes.paper} ${classes.listed}`}
            style={{ maxHeight: listed ? height : undefined }}
          >
            <StepList steps={steps} marks={marks} selected={selected} onSelect={onSelect} />
          </div>
        )}
        <div className={classes.paper} style={{ height: needed, display: inWords ? 'none' : undefined }}>
          <div ref={container} className={classes.canvas} />
          {state.status === 'loading' && (
            <div className={classes.cover} role="status" aria-label="Drawing the model">
              <Loader size="sm" />
            </div>
          )}
          {marks.map((mark) => {
            const host = badges.get(mark.elementId);
            const name = names.get(mark.elementId) ?? 'Step';
            return (
              host &&
              createPortal(<MarkBadge mark={mark} name={name} onSelect={onSelect} />, host, mark.elementId)
            );
          })}
        </div>
      </div>
      {legend && <Legend marks={marks} hasTakenFlows={takenFlows.length > 0} />}
    </div>
  );
}
