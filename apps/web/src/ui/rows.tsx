import type { ReactNode } from 'react';

import classes from './rows.module.css';

/** A list of things in a section, one under the other. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.rows} aria-label={label}>
      {children}
    </ul>
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
