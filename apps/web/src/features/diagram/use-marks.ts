import { useEffect, useMemo } from 'react';

import type { Drawing } from './drawing.ts';
import type { Mark } from './marks.ts';

/** Keeps the drawing's classes and badges in step with the marks; gives the element each mark's badge goes into. */
export function useMarks(
  drawing: Drawing | null,
  marks: readonly Mark[],
  takenFlows: readonly string[],
  selected: string | null,
): ReadonlyMap<string, HTMLElement> {
  const places = marks.map((mark) => mark.elementId).join('\n');
  // Badges move only when other elements are marked, not when a mark says something new.
  const hosts = useMemo(
    () => new Map((places === '' ? [] : places.split('\n')).map((id) => [id, document.createElement('div')])),
    [places],
  );
  useEffect(() => drawing?.setBadges(hosts), [drawing, hosts]);
  useEffect(() => {
    const given = new Map<string, string[]>();
    const add = (id: string, name: string) => given.set(id, [...(given.get(id) ?? []), name]);
    for (const mark of marks) {
      add(mark.elementId, `pf-${mark.state}`);
      if (mark.action !== null) add(mark.elementId, 'pf-clickable');
    }
    for (const flow of takenFlows) add(flow, 'pf-taken');
    if (selected !== null) add(selected, 'pf-selected');
    drawing?.setClasses(given);
  }, [drawing, marks, takenFlows, selected]);
  return hosts;
}
