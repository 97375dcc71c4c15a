import { Button } from '@mantine/core';

import classes from './held-changes.module.css';

/**
 * Offers the changes that wait for the pointer to leave a list. Floats over the list's top and takes no room, so
 * that it moves nothing itself.
 */
export function HeldChanges({ waiting, onShow }: { waiting: number; onShow: () => void }) {
  if (waiting === 0) return null;
  return (
    <div className={classes.float}>
      <Button size="compact-xs" radius="xl" onClick={onShow} className={classes.button ?? ''}>
        {waiting === 1 ? '1 change' : `${waiting} changes`}
      </Button>
    </div>
  );
}
