import {
  Avatar,
  Menu,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core';
import {
  IconCheck,
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconStethoscope,
  IconSun,
  IconTerminal2,
  IconUser,
  type Icon,
} from '@tabler/icons-react';

import { useSession } from '../auth/use-session.tsx';
import { useMe } from '../../ui/me.tsx';
import { MenuLink } from '../../ui/links.tsx';
import { showRefusal } from '../../ui/mutation.ts';
import { useInspector } from '../inspector/inspector-provider.tsx';
import { useShowShortcuts } from '../../ui/shortcuts.tsx';

const SCHEMES: readonly { value: MantineColorScheme; label: string; icon: Icon }[] = [
  { value: 'light', label: 'Light theme', icon: IconSun },
  { value: 'dark', label: 'Dark theme', icon: IconMoon },
  { value: 'auto', label: 'Theme of the device', icon: IconDeviceDesktop },
];

export function AccountMenu() {
  const me = useMe();
  const session = useSession();
  const showShortcuts = useShowShortcuts();
  const inspector = useInspector();
  const { colorScheme, setColorScheme } = useMantineColorScheme();

  const signOut = async () => {
    try {
      await session.signOut();
    } catch (error) {
      const text = error instanceof Error ? error.message : '';
      showRefusal({ title: 'You are still signed in', text, code: 'UNEXPECTED', refusal: null });
    }
  };

  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label="Account menu" style={{ borderRadius: '50%' }}>
          <Avatar size={32} radius="xl" aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text span display="block" size="sm" fw={600} c="var(--mantine-color-text)" truncate>
            {me?.name}
          </Text>
          <Text span display="block" size="xs" c="dimmed" truncate>
            {me?.email}
          </Text>
        </Menu.Label>
        <MenuLink to="/account" leftSection={<IconUser size={16} aria-hidden />}>
          Account
        </MenuLink>
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={showShortcuts}>
          Keyboard shortcuts
        </Menu.Item>
        <MenuLink to="/doctor" leftSection={<IconStethoscope size={16} aria-hidden />}>
          Connection test
        </MenuLink>
        <Menu.Item leftSection={<IconTerminal2 size={16} aria-hidden />} onClick={inspector.toggle}>
          {inspector.isOpen ? 'Close the live inspector' : 'Live inspector'}
        </Menu.Item>
        <Menu.Divider />
        {SCHEMES.map(({ value, label, icon: SchemeIcon }) => (
          <Menu.Item
            key={value}
            leftSection={<SchemeIcon size={16} aria-hidden />}
            rightSection={colorScheme === value ? <IconCheck size={16} aria-label="chosen" /> : null}
            onClick={() => setColorScheme(value)}
            closeMenuOnClick={false}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
