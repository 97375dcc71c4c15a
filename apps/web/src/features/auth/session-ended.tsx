import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';

import { SignInForm } from './sign-in-form.tsx';
import { useSession, useSessionState } from './use-session.tsx';

/** The session ended: what is on screen stays, and signing in here goes on where it was. */
export function SessionEnded() {
  const { state, profile } = useSessionState();
  return state === 'ended' ? <SignInAgain email={profile.email} name={profile.name} /> : null;
}

function SignInAgain({ email, name }: { email: string; name: string }) {
  const session = useSession();
  const [open, setOpen] = useState(true);
  return (
    <>
      <Alert color="yellow" icon={<IconLock aria-hidden />} radius={0} py={8} role="alert">
        <Group justify="space-between">
          <Text size="sm">You are signed out. What is on this page is kept, but no longer live.</Text>
          <Button size="compact-sm" onClick={() => setOpen(true)}>
            Sign in again
          </Button>
        </Group>
      </Alert>
      <Modal opened={open} onClose={() => setOpen(false)} title="Sign in again" centered>
        <Stack>
          <Text size="sm">
            Your session has ended, {name}. Nothing you entered is lost: sign in, and go on where you were.
          </Text>
          <SignInForm email={email} />
          <Button variant="subtle" size="compact-sm" onClick={() => void session.load()}>
            I have signed in in another tab
          </Button>
        </Stack>
      </Modal>
    </>
  );
}
