import { useEffect, useRef } from 'react';

import { trpc } from '../../trpc.ts';
import type { ErrorWords } from '../../ui/error-words.ts';
import { useMe } from '../../ui/me.tsx';
import { showDone, useAct } from '../../ui/mutation.ts';
import { useFilter } from './use-filter.ts';
import type { ReadDraft } from './form-draft.ts';
import { nextTask } from './next-task.ts';
import type { Task } from './task-detail.tsx';

export interface Complete {
  pending: boolean;
  error: ErrorWords | null;
  clear(): void;
  run(read: Pick<ReadDraft, 'data' | 'choice'>): void;
}

interface CompleteOptions {
  /** It was completed by this, and by nobody else. */
  onCompleted(): void;
  /** The task to go on with, unless the person has gone elsewhere meanwhile; null: there is none. */
  onNext(next: number | null): void;
}

/** Completes a task and finds the one to go on with. */
export function useComplete(teamId: number, task: Task, { onCompleted, onNext }: CompleteOptions): Complete {
  const [filter] = useFilter(['mine', 'all'], 'mine');
  const utils = trpc.useUtils();
  const me = useMe();
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);

  const goOn = async () => {
    onCompleted();
    const listed = utils.task.list.getData({ teamId, filter }) ?? [];
    const place = listed.findIndex((each) => each.id === task.id);
    const ahead = [...listed.slice(place + 1), ...listed.slice(0, Math.max(0, place))];
    for (const each of ['mine', 'all'] as const) {
      utils.task.list.setData({ teamId, filter: each }, (before) =>
        before?.filter(({ id }) => id !== task.id),
      );
    }
    // Completing may have brought the next step; without an answer what was listed must do.
    const fresh = await utils.task.list.fetch({ teamId, filter }, { staleTime: 0 }).catch(() => ahead);
    const next = nextTask(task, me?.id ?? '', ahead, fresh);
    showDone(next ? `Completed. Next: ${next.name}` : 'Completed. Nothing else waits for you.');
    if (here.current) onNext(next?.id ?? null);
  };

  const act = useAct(
    trpc.task.complete.useMutation({
      onSuccess: goOn,
      onSettled: () => void utils.task.get.invalidate({ teamId, id: task.id }),
    }),
    { inline: true },
  );
  return {
    pending: act.pending,
    error: act.error,
    clear: act.clear,
    run: ({ data, choice }) => void act.run({ teamId, id: task.id, data, choice }),
  };
}
