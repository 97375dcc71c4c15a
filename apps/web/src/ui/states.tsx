import { Alert, Button, Center, Group, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { errorWords } from './error-words.ts';

/** Keeps a list's shape while it loads. */
export function ListSkeleton({ rows = 6 }: { rows?: number }) {
  return (
    <Stack gap="xs" p="md" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Stack key={row} gap={6} py={6}>
          <Skeleton height={14} width={`${70 - ((row * 17) % 35)}%`} />
          <Skeleton height={10} width={`${45 - ((row * 11) % 20)}%`} />
        </Stack>
      ))}
    </Stack>
  );
}

/** Keeps a detail page's shape while it loads. */
export function DetailSkeleton() {
  return (
    <Stack p="lg" role="status" aria-label="Loading">
      <Skeleton height={22} width="45%" />
      <Skeleton height={12} width="30%" />
      <Skeleton height={220} mt="md" />
      <Skeleton height={12} width="80%" />
      <Skeleton height={12} width="65%" />
    </Stack>
  );
}

export interface EmptyStateProps {
  readonly icon?: ReactNode;
  readonly title: string;
  /** What would be here. */
  readonly text?: ReactNode;
  /** The first step. */
  readonly action?: ReactNode;
}

export function EmptyState({ icon, title, text, action }: EmptyStateProps) {
  return (
    <Center p="xl" mih={260}>
      <Stack align="center" gap="sm" maw={420} ta="center">
        {icon !== undefined && (
          <ThemeIcon size={52} radius="xl" variant="light" aria-hidden>
            {icon}
          </ThemeIcon>
        )}
        <Title order={2} size="h3">
          {title}
        </Title>
        {text !== undefined && (
          <Text c="dimmed" size="sm" component="div">
            {text}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}

export interface ErrorStateProps {
  readonly error: unknown;
  readonly retry?: (() => unknown) | undefined;
}

/** Says what happened, what was kept and what to do. */
export function ErrorState({ error, retry }: ErrorStateProps) {
  const { title, text, code } = errorWords(error);
  return (
    <Alert
      m="md"
      color={code === 'OFFLINE' ? 'gray' : 'red'}
      title={title}
      icon={code === 'OFFLINE' ? <IconCloudOff aria-hidden /> : <IconAlertTriangle aria-hidden />}
      role="alert"
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{text}</Text>
        {retry && (
          <Group>
            <Button size="xs" variant="default" onClick={() => void retry()}>
              Try again
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

/** A part of the app that could not be fetched; it comes by itself when the connection is back. */
export function Unreachable({ what, retry }: { what: string; retry: () => unknown }) {
  return (
    <Alert
      m="md"
      color="gray"
      title={`${what} cannot be reached just now`}
      icon={<IconCloudOff aria-hidden />}
      role="alert"
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          What you entered is kept. It comes by itself when the connection is back; if the connection is
          there, there is a newer version of the app, which trying again brings.
        </Text>
        <Button size="xs" variant="default" onClick={() => void retry()}>
          Try again
        </Button>
      </Stack>
    </Alert>
  );
}
