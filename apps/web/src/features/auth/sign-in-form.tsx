import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { useAttempt } from './use-attempt.ts';
import { useSession } from './use-session.tsx';

export interface SignInFormProps {
  readonly email?: string;
  /** Called once signed in, unless the page went with the person who left. */
  readonly onDone?: () => void;
}

export function SignInForm({ email: knownEmail = '', onDone }: SignInFormProps) {
  const session = useSession();
  const { pending, error, attempt } = useAttempt();
  const [email, setEmail] = useState(knownEmail);
  const [password, setPassword] = useState('');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await attempt(() => session.signIn({ email, password }))) onDone?.();
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {error && (
          <Alert color="red" role="alert">
            {error}
          </Alert>
        )}
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          data-autofocus={knownEmail === '' || undefined}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          data-autofocus={knownEmail !== '' || undefined}
        />
        <Button type="submit" loading={pending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
