import type { ReactNode } from 'react';

import { HeldChanges } from './held-changes.tsx';
import classes from './rows.module.css';
import type { HeldListResult } from './use-held-list.ts';

export interface RowsProps {
  readonly label: string;
  /** The held list that the rows come from: nothing moves under the pointer. */
  readonly held: Pick<HeldListResult<unknown>, 'waiting' | 'release' | 'holdProps'>;
  readonly children: ReactNode;
}

/** A list of things in a section, one under the other. */
export function Rows({ label, held, children }: RowsProps) {
  return (
    <div {...held.holdProps}>
      <HeldChanges waiting={held.waiting} onShow={held.release} />
      <ul className={classes.rows} aria-label={label}>
        {children}
      </ul>
    </div>
  );
}

/** One of them; `flash` marks it for a moment after somebody changed it. */
export function Row({ flash = false, children }: { flash?: boolean; children: ReactNode }) {
  return (
    <li className={classes.row} data-flash={flash || undefined}>
      {children}
    </li>
  );
}
