import { Group, Stack, Text } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import type { ItemProps } from '../../ui/use-list-keys.ts';
import classes from './list-row.module.css';

interface ListRowProps {
  link: Pick<LinkProps, 'to' | 'params'>;
  /** From `useListKeys`. */
  itemProps: ItemProps;
  open: boolean;
  flash: boolean;
  title: ReactNode;
  /** Right of the title. */
  aside?: ReactNode;
  children?: ReactNode;
}

/** A row of a list beside its detail: a real link, so that it can be opened in a new tab. */
export function ListRow({ link, itemProps, open, flash, title, aside, children }: ListRowProps) {
  return (
    <li>
      <Link
        {...link}
        search
        {...itemProps}
        className={classes.row ?? ''}
        data-open={open || undefined}
        data-flash={flash || undefined}
      >
        <Stack gap={4}>
          <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
            <Text fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Text>
            {aside}
          </Group>
          {children}
        </Stack>
      </Link>
    </li>
  );
}
