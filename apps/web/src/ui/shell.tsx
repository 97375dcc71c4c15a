import type { ReactNode } from 'react';

import classes from './shell.module.css';

export interface ShellProps {
  /** Left in the header: where one is. */
  readonly start: ReactNode;
  /** Links to the pages one may open, each with `shellLink`; null when there are none. */
  readonly places: ReactNode | null;
  /** Right in the header. */
  readonly end: ReactNode;
  /** What concerns every page: invitations, an ended session. */
  readonly banners: ReactNode;
  /** Below the content, on every page; usually nothing. */
  readonly panel: ReactNode;
  readonly children: ReactNode;
}

/** The class of a link among `places`. */
export const shellLink = classes.place ?? '';

/** The frame of every page: header, banners, content, panel; the pages' links at the bottom on a phone. */
export function Shell({ start, places, end, banners, panel, children }: ShellProps) {
  return (
    <div className={classes.app}>
      <header className={classes.header}>
        <SkipLink />
        {start}
        {places && (
          <nav className={classes.places} aria-label="Pages">
            {places}
          </nav>
        )}
        <div className={classes.spacer} />
        {end}
      </header>
      <div>{banners}</div>
      <main id="content" className={classes.main} tabIndex={-1}>
        {children}
      </main>
      <div>{panel}</div>
      {places ? (
        <nav className={classes.bottom} aria-label="Pages">
          {places}
        </nav>
      ) : (
        <div />
      )}
    </div>
  );
}

function SkipLink() {
  return (
    <a
      className={classes.skip}
      href="#content"
      onClick={(event) => {
        // Only the focus moves: the address says what is open.
        event.preventDefault();
        document.querySelector<HTMLElement>('#content')?.focus();
      }}
    >
      Skip to content
    </a>
  );
}
