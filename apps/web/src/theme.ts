import { createTheme, type CSSVariablesResolver, type MantineColor } from '@mantine/core';

/** What a role's colour may be: names from the theme, so that both themes can show them. */
export const ROLE_COLOURS = [
  'blue',
  'cyan',
  'teal',
  'green',
  'lime',
  'yellow',
  'orange',
  'red',
  'pink',
  'grape',
  'violet',
  'gray',
] as const satisfies readonly MantineColor[];

/** One accent colour, one type scale; everything else is the theme's default. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    // Without the word "password", which is the field's own name.
    PasswordInput: { defaultProps: { visibilityToggleButtonProps: { 'aria-label': 'Show what is typed' } } },
    // A menu's first item gets the focus, rather than an element that no menu may contain.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // A dialog's header is not the page's banner.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    ModalTitle: { defaultProps: { fw: 600 } },
    // White on white otherwise, where it covers a part of the page.
    Notification: { defaultProps: { withBorder: true } },
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1.125rem' }, h3: { fontSize: '1rem' } },
  },
});

/** Quiet text must still be readable: the default greys miss contrast AA on a light ground. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-color-red-filled': 'var(--mantine-color-red-9)',
    '--mantine-color-red-filled-hover': 'color-mix(in srgb, var(--mantine-color-red-9) 88%, black)',
  },
  light: {
    ...Object.fromEntries(
      [...ROLE_COLOURS, 'indigo'].map((colour) => [
        `--mantine-color-${colour}-light-color`,
        `color-mix(in srgb, var(--mantine-color-${colour}-9) 62%, black)`,
      ]),
    ),
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder':
      'color-mix(in srgb, var(--mantine-color-gray-6) 40%, var(--mantine-color-gray-7))',
    '--mantine-color-error': 'var(--mantine-color-red-8)',
    '--pf-ground': 'var(--mantine-color-gray-0)',
    '--pf-surface': 'var(--mantine-color-white)',
    '--pf-hover': 'var(--mantine-color-gray-1)',
    '--pf-selected': 'var(--mantine-color-indigo-0)',
    '--pf-flash': 'var(--mantine-color-yellow-1)',
    '--pf-border': 'var(--mantine-color-gray-3)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder':
      'color-mix(in srgb, var(--mantine-color-dark-1) 60%, var(--mantine-color-dark-2))',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--pf-ground': 'var(--mantine-color-dark-8)',
    '--pf-surface': 'var(--mantine-color-dark-7)',
    '--pf-hover': 'var(--mantine-color-dark-6)',
    '--pf-selected': 'var(--mantine-color-dark-5)',
    '--pf-flash': 'color-mix(in srgb, var(--mantine-color-yellow-9) 30%, var(--mantine-color-dark-7))',
    '--pf-border': 'var(--mantine-color-dark-4)',
  },
});

/** The theme's colour of a role; one that the theme does not know is grey. */
export function roleColour(colour: string): MantineColor {
  return ROLE_COLOURS.find((known) => known === colour) ?? 'gray';
}
