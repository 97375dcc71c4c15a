/** What a step's mark says about it. `here`: the place one is looking at. */
export type MarkState = 'problem' | 'incident' | 'active' | 'waiting' | 'done' | 'cancelled' | 'here';

/** One element's mark on the diagram and in the list of steps. */
export interface Mark {
  elementId: string;
  state: MarkState;
  /** Who, in a word or two: `Bo`, `Approver`. */
  who: string | null;
  /** Since when it is so: the badge shows how long. */
  since: string | null;
  /** The whole story, for hover, focus and the list. */
  detail: string | null;
  /** How often a token came here. */
  times: number;
  /** What a click does, in words; null: nothing. */
  action: string | null;
}

/** What marks are made from: the API's element instances. */
export interface MarkedElement {
  elementId: string;
  name: string | null;
  kind: string;
  status: 'Active' | 'Waiting' | 'Incident' | 'Completed' | 'Cancelled';
  startedAt: string;
  completedAt: string | null;
  completedBy: { name: string } | null;
  claimedBy: { name: string } | null;
  role: { name: string } | null;
  incident: { message: string } | null;
}

/** How the API's states are drawn. */
export const STATE_OF: Record<MarkedElement['status'], MarkState> = {
  Active: 'active',
  Waiting: 'waiting',
  Incident: 'incident',
  Completed: 'done',
  Cancelled: 'cancelled',
};

/** An element entered several times is marked by what most needs a person. */
const URGENCY: readonly MarkState[] = ['incident', 'active', 'waiting', 'done', 'cancelled'];

/** Of an element's visits the one its mark speaks of: the last of those that most need a person. */
export function shownVisit<Element extends MarkedElement>(visits: readonly Element[]): Element | undefined {
  return URGENCY.map((state) => visits.findLast(({ status }) => STATE_OF[status] === state)).find(
    (visit) => visit !== undefined,
  );
}

/** One mark per element, in the order the elements were first entered. */
export function marksFromElements<Element extends MarkedElement>(
  elements: readonly Element[],
  options: { actionOf?: (shown: Element) => string | null } = {},
): Mark[] {
  const visits = new Map<string, Element[]>();
  for (const element of elements) {
    const earlier = visits.get(element.elementId);
    if (earlier) earlier.push(element);
    else visits.set(element.elementId, [element]);
  }
  return [...visits.values()].flatMap((all) => {
    const shown = shownVisit(all);
    if (!shown) return [];
    const open = shown.completedAt === null;
    return {
      elementId: shown.elementId,
      state: STATE_OF[shown.status],
      who: whoOf(shown),
      since: open ? shown.startedAt : null,
      detail: shown.incident?.message ?? null,
      times: all.length,
      action: options.actionOf?.(shown) ?? null,
    };
  });
}

function whoOf(element: MarkedElement): string | null {
  if (element.status === 'Completed') return element.completedBy?.name ?? null;
  if (element.status === 'Active') return element.claimedBy?.name ?? element.role?.name ?? 'Every member';
  return null;
}

/** Marks for the elements that keep a model from being deployed; several problems of one element are one mark. */
export function marksFromProblems(problems: readonly { elementId: string | null; reason: string }[]): Mark[] {
  const reasons = new Map<string, string[]>();
  for (const { elementId, reason } of problems) {
    if (elementId !== null) reasons.set(elementId, [...(reasons.get(elementId) ?? []), reason]);
  }
  return [...reasons].map(([elementId, all]) => ({
    elementId,
    state: 'problem',
    who: null,
    since: null,
    detail: all.join(' '),
    times: all.length,
    action: null,
  }));
}
