import { ActionIcon, Tooltip } from '@mantine/core';
import { IconList, IconMaximize, IconMinus, IconPlus, IconSchema } from '@tabler/icons-react';

import classes from './diagram.module.css';

interface ControlsProps {
  listed: boolean;
  /** In a row; else one below the other. */
  inRow: boolean;
  onToggleList(): void;
  onZoom(factor: number): void;
  onFit(): void;
}

/** Zoom, fit, and the switch between the drawing and the list of its steps. */
export function Controls({ listed, inRow, onToggleList, onZoom, onFit }: ControlsProps) {
  const words = inRow ? 'top' : 'left';
  return (
    <div className={classes.controls} role="toolbar" aria-label="Diagram view">
      {!listed && (
        <>
          <Control words={words} label="Zoom in" onClick={() => onZoom(1.25)} icon={<IconPlus size={16} />} />
          <Control
            words={words}
            label="Zoom out"
            onClick={() => onZoom(0.8)}
            icon={<IconMinus size={16} />}
          />
          <Control words={words} label="Fit the diagram" onClick={onFit} icon={<IconMaximize size={16} />} />
        </>
      )}
      <Control
        words={words}
        label={listed ? 'Show as drawing' : 'Show as list of steps'}
        onClick={onToggleList}
        icon={listed ? <IconSchema size={16} /> : <IconList size={16} />}
      />
    </div>
  );
}

interface ControlProps {
  label: string;
  /** Where its name appears, without covering the others. */
  words: 'top' | 'left';
  icon: React.ReactNode;
  onClick(): void;
}

function Control({ label, words, icon, onClick }: ControlProps) {
  return (
    <Tooltip label={label} position={words}>
      <ActionIcon variant="default" size="md" aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
