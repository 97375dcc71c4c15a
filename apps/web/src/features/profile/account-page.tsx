import { Alert, Button, Container, Group, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { useMe } from '../../ui/me.tsx';
import { showDone } from '../../ui/mutation.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { useAttempt } from '../auth/use-attempt.ts';
import { useSession } from '../auth/use-session.tsx';

export function AccountPage() {
  usePageTitle('Account');
  const me = useMe();
  return (
    <Container size="xs" py="xl">
      <Stack gap="lg">
        <Title order={1}>Account</Title>
        <Paper withBorder p="lg">
          <Text fw={600}>{me?.name}</Text>
          <Text size="sm">{me?.email}</Text>
          {me?.emailVerified === false && (
            <Text size="sm" c="dimmed" mt="xs">
              This address is not verified. Invitations to it do not show up by themselves: ask for the
              invitation’s link.
            </Text>
          )}
        </Paper>
        <Paper withBorder p="lg">
          <ChangePassword email={me?.email ?? ''} />
        </Paper>
      </Stack>
    </Container>
  );
}

const EMPTY = { currentPassword: '', newPassword: '' };

function ChangePassword({ email }: { email: string }) {
  const session = useSession();
  const { pending, error, attempt } = useAttempt();
  const [values, setValues] = useState(EMPTY);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await attempt(() => session.changePassword(values)))) return;
    setValues(EMPTY);
    showDone('Password changed. Other browsers are signed out.');
  };

  return (
    <form onSubmit={(event) => void submit(event)} aria-label="Change password">
      <Stack>
        <Title order={2}>Change password</Title>
        {error && (
          <Alert color="red" role="alert">
            {error}
          </Alert>
        )}
        {/* For password managers, which file a password under a name. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={values.currentPassword}
          onChange={({ currentTarget: { value } }) =>
            setValues((old) => ({ ...old, currentPassword: value }))
          }
        />
        <PasswordInput
          label="New password"
          description="At least 8 characters. Other browsers are signed out."
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={8}
          value={values.newPassword}
          onChange={({ currentTarget: { value } }) => setValues((old) => ({ ...old, newPassword: value }))}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={pending}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
