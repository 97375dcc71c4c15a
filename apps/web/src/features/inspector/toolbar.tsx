import { ActionIcon, Button, NativeSelect, Text, TextInput, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import {
  IconCheck,
  IconCopy,
  IconPlayerPause,
  IconPlayerPlay,
  IconStethoscope,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import { rules } from '../../live.ts';
import { type Entry, jsonOf } from './entry.ts';
import classes from './inspector.module.css';
import type { Recorder, Recording } from './recorder.ts';
import type { Filter } from './use-filter.ts';

export interface ToolbarProps {
  readonly recorder: Recorder;
  readonly recording: Recording;
  readonly shown: readonly Entry[];
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
  readonly onClose: () => void;
}

const CHANNELS = [
  { value: '', label: 'All channels' },
  ...Object.keys(rules).toSorted(),
  { value: 'resync', label: 'resync' },
];

export function Toolbar({ recorder, recording, shown, filter, onFilter, onClose }: ToolbarProps) {
  const { paused, missed } = recording;
  const { copied, copy } = useClipboard();
  // Made when it is asked for, not with every event.
  const copyShown = () => copy(JSON.stringify(shown.map(jsonOf), null, 2));
  return (
    <div className={classes.toolbar}>
      <Text component="h2" size="sm" fw={600} className={classes.title ?? ''}>
        Live inspector
      </Text>
      <NativeSelect
        size="xs"
        aria-label="Channel"
        className={classes.channelFilter ?? ''}
        data={CHANNELS}
        value={filter.channel ?? ''}
        onChange={({ currentTarget: { value } }) =>
          onFilter({ ...filter, channel: value === '' ? null : value })
        }
      />
      <TextInput
        size="xs"
        type="search"
        aria-label="Filter by text"
        placeholder="Filter by text"
        className={classes.textFilter ?? ''}
        value={filter.text}
        onChange={({ currentTarget: { value } }) => onFilter({ ...filter, text: value })}
      />
      <Button
        size="xs"
        variant={paused ? 'light' : 'default'}
        aria-pressed={paused}
        leftSection={
          paused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />
        }
        onClick={paused ? recorder.resume : recorder.pause}
      >
        {paused ? `Paused: ${missed} more` : 'Pause'}
      </Button>
      <div className={classes.tools}>
        <Tool label="Clear the list" onClick={recorder.clear}>
          <IconTrash size={16} aria-hidden />
        </Tool>
        <Tool label={copied ? 'Copied' : 'Copy what is listed as JSON'} onClick={copyShown}>
          {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
        </Tool>
        <Tooltip label="Test the connection">
          <ActionIcon
            component={Link}
            to="/doctor"
            variant="subtle"
            color="gray"
            aria-label="Test the connection"
          >
            <IconStethoscope size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <Tool label="Close the inspector" onClick={onClose}>
          <IconX size={16} aria-hidden />
        </Tool>
      </div>
    </div>
  );
}

function Tool({
  label,
  onClick,
  children,
}: {
  label: string;
  onClick: () => void;
  children: React.ReactNode;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
