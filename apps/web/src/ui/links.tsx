import { Anchor, Button, Menu, type AnchorProps, type ButtonProps, type MenuItemProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ReactNode, Ref } from 'react';

interface Own {
  readonly ref?: Ref<HTMLAnchorElement>;
  readonly children?: ReactNode;
}

/** A link of the app in running text; typed by the router's routes. */
export const TextLink = createLink(({ ref, ...props }: AnchorProps & Own) => (
  <Anchor ref={ref ?? null} underline="always" {...props} />
));

/** A link of the app that looks like a button. */
export const ButtonLink = createLink(({ ref, ...props }: ButtonProps & Own) => (
  <Button component="a" ref={ref ?? null} {...props} />
));

/** A link of the app in a menu. */
export const MenuLink = createLink(({ ref, ...props }: MenuItemProps & Own) => (
  <Menu.Item component="a" ref={ref ?? null} {...props} />
));
