import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

import { Brand } from './brand.tsx';
import classes from './front-page.module.css';

/** A page outside of the shell: one card in the middle. */
export function FrontPage({
  title,
  text,
  children,
}: {
  title: string;
  text?: ReactNode;
  children: ReactNode;
}) {
  return (
    <main className={classes.page}>
      <Stack className={classes.card ?? ''} gap="lg">
        <Group justify="center">
          <Brand />
        </Group>
        <Paper withBorder p="xl" radius="lg">
          <Stack>
            <Title order={1} size="h2">
              {title}
            </Title>
            {text !== undefined && (
              <Text c="dimmed" size="sm" component="div">
                {text}
              </Text>
            )}
            {children}
          </Stack>
        </Paper>
      </Stack>
    </main>
  );
}
