import { ActionIcon, Tooltip } from '@mantine/core';
import { IconList, IconMaximize, IconMinus, IconPlus, IconSchema } from '@tabler/icons-react';

import classes from './diagram.module.css';

interface ControlsProps {
  listed: boolean;
  onToggleList(): void;
  onZoom(factor: number): void;
  onFit(): void;
}

/** Zoom, fit, and the switch between the drawing and the list of its steps. */
export function Controls({ listed, onToggleList, onZoom, onFit }: ControlsProps) {
  return (
    <div className={classes.controls} role="toolbar" aria-label="Diagram view">
      {!listed && (
        <>
          <Control label="Zoom in" onClick={() => onZoom(1.25)} icon={<IconPlus size={16} />} />
          <Control label="Zoom out" onClick={() => onZoom(0.8)} icon={<IconMinus size={16} />} />
          <Control label="Fit the diagram" onClick={onFit} icon={<IconMaximize size={16} />} />
        </>
      )}
      <Control
        label={listed ? 'Show as drawing' : 'Show as list of steps'}
        onClick={onToggleList}
        icon={listed ? <IconSchema size={16} /> : <IconList size={16} />}
      />
    </div>
  );
}

function Control({ label, onClick, icon }: { label: string; onClick(): void; icon: React.ReactNode }) {
  return (
    <Tooltip label={label} position="left">
      <ActionIcon variant="default" size="md" aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
