import { useMemo, useState } from 'react';

import { useMe } from '../../ui/me.tsx';
import { createDraftStore } from './draft-store.ts';
import type { FormDraft } from './form-draft.ts';

export interface Draft {
  /** Null as long as the person has entered nothing. */
  entered: FormDraft | null;
  /** False when the browser cannot keep it over a reload. */
  kept: boolean;
  change(draft: FormDraft): void;
  drop(): void;
}

/** What the signed-in person has entered for a task so far. Give the component the task's id as its key. */
export function useDraft(taskId: number): Draft {
  const profileId = useMe()?.id ?? '';
  const store = useMemo(() => createDraftStore(window.localStorage, profileId), [profileId]);
  const [state, setState] = useState(() => {
    store.sweep();
    return { profileId, entered: store.read(taskId), kept: true };
  });
  // Another person signed in on this page: what they see is their own.
  const current =
    state.profileId === profileId ? state : { profileId, entered: store.read(taskId), kept: true };
  return {
    entered: current.entered,
    kept: current.kept,
    change: (entered) => setState({ profileId, entered, kept: store.write(taskId, entered) }),
    drop: () => {
      store.drop(taskId);
      setState({ profileId, entered: null, kept: true });
    },
  };
}
