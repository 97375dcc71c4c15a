import { useMemo, useState } from 'react';

import { useRealtimeSubscription } from '../../live.ts';
import { trpc } from '../../trpc.ts';
import type { Mark } from '../../ui/changed-mark.tsx';
import { useMe } from '../../ui/me.tsx';
import { changeWords, doerOf } from './change-words.ts';

export interface OthersChange {
  taskId: number;
  instanceId: number;
  what: 'completed' | 'took' | 'released';
  mark: Mark;
}

interface OthersChangesOptions {
  teamId: number;
  /** What the screen shows of a task right now; undefined when it does not show it. */
  shown: (taskId: number) => { claimedBy: { id: string } | null } | undefined;
  /** What the mark calls the task; default: "this". */
  label?: (taskId: number) => string | null;
}

const REMEMBERED = 20;

/** What others just did to tasks, newest first, to be marked for a moment where it changed. One's own acts are not in it. */
export function useOthersChanges({ teamId, shown, label }: OthersChangesOptions): readonly OthersChange[] {
  const me = useMe();
  const members = trpc.member.list.useQuery({ teamId });
  const names = useMemo(
    () => new Map(members.data?.map((member) => [member.profileId, member.name])),
    [members.data],
  );
  const [changes, setChanges] = useState<readonly OthersChange[]>([]);

  useRealtimeSubscription({
    channels: ['flow_element_instance_changes'],
    teamId,
    onEvent(event) {
      const doer = doerOf(event, shown(event.id));
      if (!doer || (doer.profileId !== null && doer.profileId === me?.id)) return;
      const who = (doer.profileId !== null && names.get(doer.profileId)) || 'Someone';
      const called = label ? label(event.id) : 'this';
      if (called === null) return;
      const change: OthersChange = {
        taskId: event.id,
        instanceId: event.is_part_of,
        what: doer.what,
        mark: { text: changeWords(doer.what, who, called), at: Date.now() },
      };
      setChanges((before) => [change, ...before].slice(0, REMEMBERED));
    },
  });
  return changes;
}
