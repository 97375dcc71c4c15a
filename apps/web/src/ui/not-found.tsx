import { IconCompass } from '@tabler/icons-react';

import { ButtonLink } from './links.tsx';
import { usePageTitle } from './page-title.ts';
import { EmptyState } from './states.tsx';

export function NotFound() {
  usePageTitle('Not found');
  return (
    <EmptyState
      icon={<IconCompass />}
      title="There is no such page"
      text="The address may be mistyped, or what it names is gone."
      action={<ButtonLink to="/">Go to ProcessFlow</ButtonLink>}
    />
  );
}
