import { useDocumentTitle } from '@mantine/hooks';

/** The document's title: the page first, then where it is. */
export function usePageTitle(...parts: readonly (string | null | undefined)[]): void {
  useDocumentTitle([...parts.filter((part) => part), 'ProcessFlow'].join(' · '));
}
