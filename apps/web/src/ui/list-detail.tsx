import { Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import classes from './list-detail.module.css';

export interface ListDetailProps {
  readonly list: ReactNode;
  readonly detail: ReactNode;
  /** Nothing is in the list that could be opened: what it says of that has the whole page. */
  readonly alone?: boolean;
  /** True when the address names an item: on a phone the detail is shown instead of the list. */
  readonly open: boolean;
  /** The landmarks' names, for example "Tasks" and "Task". */
  readonly listLabel: string;
  readonly detailLabel: string;
  /** Back to the list, on a phone. */
  readonly onBack: () => void;
}

/** A list beside what is open of it; each scrolls on its own. One at a time on a phone. */
export function ListDetail({
  list,
  detail,
  alone = false,
  open,
  listLabel,
  detailLabel,
  onBack,
}: ListDetailProps) {
  return (
    <div className={classes.root} data-open={open || undefined} data-alone={alone || undefined}>
      <section className={classes.list} aria-label={listLabel}>
        {list}
      </section>
      <section className={classes.detail} aria-label={detailLabel}>
        {open && (
          <div className={classes.back}>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconArrowLeft size={16} />}
              onClick={onBack}
            >
              Back to {listLabel.toLowerCase()}
            </Button>
          </div>
        )}
        {detail}
      </section>
    </div>
  );
}
