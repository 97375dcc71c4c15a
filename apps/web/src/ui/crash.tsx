import { Button, Group } from '@mantine/core';
import { IconBug } from '@tabler/icons-react';
import type { ErrorComponentProps } from '@tanstack/react-router';

import { usePageTitle } from './page-title.ts';
import { EmptyState } from './states.tsx';

/** A page that failed to draw itself. The rest of the app goes on. */
export function Crash({ reset }: ErrorComponentProps) {
  usePageTitle('Something went wrong');
  return (
    <EmptyState
      icon={<IconBug />}
      title="This page failed"
      text="A fault in the app, not in your work: what was saved is saved. Try again; if it stays, load the page anew."
      action={
        <Group>
          <Button onClick={reset}>Try again</Button>
          <Button variant="default" onClick={() => window.location.reload()}>
            Load the page anew
          </Button>
        </Group>
      }
    />
  );
}
