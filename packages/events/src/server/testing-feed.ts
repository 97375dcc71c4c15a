import type { AnyChangeEvent, Announcement } from '../event.ts';
import type { Hub } from './hub.ts';

/** Feeds a hub as a source does, one announcement a batch; what it is asked to read it has always just told. */
export function feedOf(hub: Pick<Hub<never, AnyChangeEvent>, 'attach' | 'take' | 'gap'>) {
  let at = 0;
  const position = (): string => `p${at}`;
  hub.attach(
    {
      read(asked, then) {
        then(
          asked === undefined
            ? { kind: 'events', to: position(), announcements: [] }
            : { kind: 'lost', to: position(), reason: 'unknown-position' },
        );
      },
    },
    position(),
  );
  const advance = (): { from: string; to: string } => {
    const from = position();
    at += 1;
    return { from, to: position() };
  };
  return {
    /** All in one batch. */
    publish: (...announcements: Announcement[]): void => hub.take({ ...advance(), announcements }),
    gap: (): void => hub.gap(advance().to, 'gap'),
  };
}
