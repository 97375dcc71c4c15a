import { useEffect, useState } from 'react';

import type { Drawing } from './drawing.ts';
import type { Mark } from './marks.ts';

/** Keeps the drawing's classes and badge places in step with the marks. */
export function useMarks(
  drawing: Drawing | null,
  marks: readonly Mark[],
  takenFlows: readonly string[],
  selected: string | null,
): ReadonlyMap<Mark, HTMLElement> {
  const places = marks.map((mark) => mark.elementId).join('\n');
  const [hosts, setHosts] = useState<ReadonlyMap<string, HTMLElement>>(new Map());
  useEffect(() => {
    setHosts(drawing?.setBadges(places === '' ? [] : places.split('\n')) ?? new Map());
  }, [drawing, places]);
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
  return new Map(
    marks.flatMap((mark) => {
      const host = hosts.get(mark.elementId);
      return host ? [[mark, host] as const] : [];
    }),
  );
}
