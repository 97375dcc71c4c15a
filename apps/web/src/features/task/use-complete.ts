import { notifications } from '@mantine/notifications';

import { trpc } from '../../trpc.ts';
import type { ErrorWords } from '../../ui/error-words.ts';
import { useAct } from '../../ui/mutation.ts';
import { useFilter } from './use-filter.ts';
import type { ReadDraft } from './form-draft.ts';
import type { Task } from './task-detail.tsx';

export interface Complete {
  pending: boolean;
  error: ErrorWords | null;
  clear(): void;
  run(read: Pick<ReadDraft, 'data' | 'choice'>): void;
}

/** Completes a task and finds the one to go on with. `onCompleted` is called only when it was completed by this. */
export function useComplete(
  teamId: number,
  task: Task,
  onCompleted: (next: number | null) => void,
): Complete {
  const [filter] = useFilter(['mine', 'all'], 'mine');
  const utils = trpc.useUtils();

  const goOn = async () => {
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
    const next = nextTask(task.id, ahead, fresh);
    notifications.show({
      color: 'teal',
      message: next ? `Completed. Next: ${next.name}` : 'Completed. Nothing else waits for you.',
    });
    onCompleted(next?.id ?? null);
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

interface Listed {
  id: number;
  name: string;
  mayAct: boolean;
}

/** The task to go on with: the one below the completed one, then from the top; only what is still open. */
export function nextTask(
  completed: number,
  ahead: readonly Listed[],
  fresh: readonly Listed[],
): Listed | undefined {
  const open = new Map(fresh.map((each) => [each.id, each]));
  return [...ahead, ...fresh]
    .map(({ id }) => open.get(id))
    .find((each) => each?.mayAct === true && each.id !== completed);
}
