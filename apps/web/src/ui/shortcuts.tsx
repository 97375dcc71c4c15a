import { Group, Kbd, Modal, Stack, Table } from '@mantine/core';
import {
  createContext,
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';

import { isHotkey, isTyping, keyCaps } from './hotkeys.ts';

interface Shortcut {
  readonly keys: string;
  readonly label: string;
  readonly run: (event: KeyboardEvent) => void;
}

interface Shortcuts {
  set(id: string, shortcut: Shortcut): void;
  delete(id: string): void;
  showAll(): void;
}

const ShortcutsContext = createContext<Shortcuts | null>(null);

/** Listens for all shortcuts of the page and shows them on `?`. */
export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const shortcuts = useRef(new Map<string, Shortcut>());
  const [listed, setListed] = useState<readonly Shortcut[]>([]);
  const [open, setOpen] = useState(false);
  const value = useMemo<Shortcuts>(
    () => ({
      set: (id, shortcut) => void shortcuts.current.set(id, shortcut),
      delete: (id) => void shortcuts.current.delete(id),
      showAll: () => {
        setListed([...shortcuts.current.values()]);
        setOpen(true);
      },
    }),
    [],
  );

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('[aria-modal=true]')) return;
      if (isTyping(event.target) && !event.ctrlKey && !event.metaKey) return;
      if (isHotkey(event, '?')) {
        event.preventDefault();
        return value.showAll();
      }
      // The last one wins: what is opened later stands in front.
      const hit = [...shortcuts.current.values()].toReversed().find(({ keys }) => isHotkey(event, keys));
      if (!hit) return;
      event.preventDefault();
      hit.run(event);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [value]);

  return (
    <ShortcutsContext value={value}>
      {children}
      <Modal opened={open} onClose={() => setOpen(false)} title="Keyboard shortcuts">
        <Stack>
          <Table aria-label="Keyboard shortcuts">
            <Table.Tbody>
              {[...listed, { keys: '?', label: 'Show this list' }].map(({ keys, label }) => (
                <Table.Tr key={`${keys} ${label}`}>
                  <Table.Td>{label}</Table.Td>
                  <Table.Td>
                    <Group gap={4} justify="flex-end" wrap="nowrap">
                      {keyCaps(keys).map((cap) => (
                        <Kbd key={cap}>{cap}</Kbd>
                      ))}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Stack>
      </Modal>
    </ShortcutsContext>
  );
}

function useShortcuts(hook: string): Shortcuts {
  const shortcuts = useContext(ShortcutsContext);
  if (!shortcuts) throw new Error(`${hook} needs a <ShortcutsProvider> above the component that uses it.`);
  return shortcuts;
}

/**
 * A key for as long as the component is mounted, listed under `?`. Silent while typing (unless with Ctrl or ⌘) and
 * while a dialog is open.
 */
export function useShortcut(
  keys: string,
  label: string,
  run: (event: KeyboardEvent) => void,
  { enabled = true }: { enabled?: boolean } = {},
): void {
  const shortcuts = useShortcuts('useShortcut');
  const id = useId();
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!enabled) return undefined;
    shortcuts.set(id, { keys, label, run: (event) => latest.current(event) });
    return () => shortcuts.delete(id);
  }, [shortcuts, id, keys, label, enabled]);
}

/** Opens the list of shortcuts. */
export function useShowShortcuts(): () => void {
  return useShortcuts('useShowShortcuts').showAll;
}
