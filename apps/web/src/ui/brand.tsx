import { Group, Text } from '@mantine/core';

/** The mark and the name. */
export function Brand({ compact = false }: { compact?: boolean }) {
  return (
    <Group gap={8} wrap="nowrap">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--mantine-primary-color-filled)" />
        <g fill="none" stroke="var(--mantine-color-white)" strokeWidth="2.5" strokeLinecap="round">
          <path d="M6.5 16h4M21.5 16h4" />
          <path d="M16 10.5 21.5 16 16 21.5 10.5 16z" strokeLinejoin="round" />
        </g>
      </svg>
      {!compact && (
        <Text fw={650} span>
          ProcessFlow
        </Text>
      )}
    </Group>
  );
}
