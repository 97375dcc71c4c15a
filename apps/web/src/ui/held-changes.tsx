import { Button } from '@mantine/core';

/** Offers the changes that wait for the pointer to leave a list. Takes no room when there are none. */
export function HeldChanges({ waiting, onShow }: { waiting: number; onShow: () => void }) {
  if (waiting === 0) return null;
  return (
    <Button
      size="compact-xs"
      variant="light"
      onClick={onShow}
      pos="sticky"
      top={4}
      style={{ zIndex: 1 }}
      fullWidth
    >
      {waiting === 1 ? '1 change' : `${waiting} changes`}
    </Button>
  );
}
