import { Text } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';

import { FrontPage } from '../../ui/front-page.tsx';
import { TextLink } from '../../ui/links.tsx';
import { usePageTitle } from '../../ui/page-title.ts';
import { SignUpForm } from './sign-up-form.tsx';

export function SignUpPage() {
  usePageTitle('Sign up');
  const search = useSearch({ from: '/sign-up' });
  return (
    <FrontPage title="Sign up" text="Bring a process, run it, and work on its tasks together.">
      <SignUpForm />
      <Text size="sm" ta="center">
        Signed up already?{' '}
        <TextLink to="/sign-in" search={search}>
          Sign in
        </TextLink>
      </Text>
    </FrontPage>
  );
}
