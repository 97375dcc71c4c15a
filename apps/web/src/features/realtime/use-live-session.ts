import type { LiveStore } from '@processflow/events/react';
import { useEffect } from 'react';

import type { LiveEvent } from '../../live.ts';
import type { Session } from '../auth/session.ts';

const PAUSE_MS = 3000;

/**
 * Keeps stream and session in step. A stream refused for want of a session asks whether the session has ended; one
 * whose session was only replaced (a changed password, a new sign-in here or in another tab) is opened anew.
 */
export function useLiveSession(live: LiveStore<LiveEvent>, session: Session): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let restartedAt = 0;

    const restart = () => {
      if (session.get().state !== 'signed in' || live.getStatus().state !== 'signed out') return;
      // A server that refuses the stream of a session it knows must not be asked without end.
      const pause = restartedAt + PAUSE_MS - Date.now();
      clearTimeout(timer);
      if (pause > 0) timer = setTimeout(restart, pause);
      else {
        restartedAt = Date.now();
        live.restart();
      }
    };
    const onStatus = () => {
      if (live.getStatus().state === 'signed out') void session.lost().then(restart);
    };

    const stops = [live.subscribeStatus(onStatus), session.subscribe(restart)];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [live, session]);
}
