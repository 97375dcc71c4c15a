import { Text } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';

import { FrontPage } from '../../ui/front-page.tsx';
import { TextLink } from '../../ui/links.tsx';
import { usePageTitle } from '../../ui/page-title.ts';
import { SignInForm } from './sign-in-form.tsx';

export function SignInPage() {
  usePageTitle('Sign in');
  const search = useSearch({ from: '/sign-in' });
  return (
    <FrontPage title="Sign in">
      <SignInForm focusFirst />
      <Text size="sm" ta="center">
        New here?{' '}
        <TextLink to="/sign-up" search={search}>
          Sign up
        </TextLink>
      </Text>
    </FrontPage>
  );
}
