import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { useAttempt } from './use-attempt.ts';
import { useSession } from './use-session.tsx';

export function SignUpForm({ email: knownEmail = '', onDone }: { email?: string; onDone?: () => void }) {
  const session = useSession();
  const { pending, error, attempt } = useAttempt();
  const [name, setName] = useState('');
  const [email, setEmail] = useState(knownEmail);
  const [password, setPassword] = useState('');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await attempt(() => session.signUp({ name: name.trim(), email, password }))) onDone?.();
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
          label="Name"
          description="How others in your teams see you"
          autoComplete="name"
          required
          withAsterisk={false}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          description="At least 8 characters"
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={8}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={pending}>
          Sign up
        </Button>
      </Stack>
    </form>
  );
}
