import { ActionIcon, Group, Loader, Paper, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconClock, IconX } from '@tabler/icons-react';

import { STUCK_INK } from '../instance/status-badge.tsx';
import type { Upload, Uploader } from './use-upload.ts';

const NO_SHRINK = { flex: 'none' };

/** How each uploaded file fares; stays until dismissed when something went wrong. */
export function UploadList({ uploader }: { uploader: Uploader }) {
  if (uploader.uploads.length === 0) return null;
  return (
    <Paper withBorder m="sm" p="sm" component="section" aria-label="Uploads">
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={600}>
          {uploader.busy ? 'Uploading' : 'Uploaded'}
        </Text>
        {!uploader.busy && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label="Dismiss uploads"
            onClick={uploader.dismiss}
          >
            <IconX size={14} />
          </ActionIcon>
        )}
      </Group>
      <Stack gap={6} role="status">
        {uploader.uploads.map((upload) => (
          <Row key={upload.key} upload={upload} />
        ))}
      </Stack>
    </Paper>
  );
}

function Row({ upload: { fileName, state } }: { upload: Upload }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      {state.is === 'waiting' && <IconClock size={16} style={NO_SHRINK} aria-hidden />}
      {state.is === 'uploading' && <Loader size={16} />}
      {state.is === 'done' && (
        <IconCheck size={16} style={NO_SHRINK} color="var(--mantine-color-teal-6)" aria-hidden />
      )}
      {state.is === 'failed' && (
        <IconAlertTriangle size={16} style={NO_SHRINK} color="var(--mantine-color-error)" aria-hidden />
      )}
      <div>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {fileName}
        </Text>
        <Text size="xs" c={state.is === 'failed' ? STUCK_INK : 'dimmed'}>
          {wordsFor(state)}
        </Text>
      </div>
    </Group>
  );
}

function wordsFor(state: Upload['state']): string {
  switch (state.is) {
    case 'waiting':
      return 'waits for its turn';
    case 'uploading':
      return 'is being read';
    case 'failed':
      return state.reason;
    case 'done': {
      const problems = state.problems === 1 ? '1 problem' : `${state.problems} problems`;
      return state.problems === 0
        ? `Version ${state.version}, ready to deploy`
        : `Version ${state.version}, ${problems}`;
    }
  }
}
