import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';

import { useAttempt } from './use-attempt.ts';
import { useSession } from './use-session.tsx';

export interface SignInFormProps {
  readonly email?: string;
  /** Where signing in is what the page is for: its first field has the focus. A dialog sees to that itself. */
  readonly focusFirst?: boolean;
  /** Called once signed in, unless the page went with the person who left. */
  readonly onDone?: () => void;
}

export function SignInForm({ email: knownEmail = '', focusFirst = false, onDone }: SignInFormProps) {
  const session = useSession();
  const { pending, error, attempt } = useAttempt();
  const [email, setEmail] = useState(knownEmail);
  const [password, setPassword] = useState('');

  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focusFirst) first.current?.focus();
  }, [focusFirst]);

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
          ref={first}
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
