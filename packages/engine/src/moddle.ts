import type { ModdleElement, ModdleWarning } from 'bpmn-moddle';

/** What the XML said, before anything is made of it. */
export interface Source {
  definitions: ModdleElement;
  warnings: ModdleWarning[];
  /** References that lead nowhere, as the file wrote them, by element and property. */
  unresolved: ReadonlyMap<ModdleElement, ReadonlyMap<string, string>>;
}

function isElement(value: unknown): value is ModdleElement {
  return typeof value === 'object' && value !== null && typeof (value as ModdleElement).$type === 'string';
}

export function is(element: ModdleElement, type: string): boolean {
  return element.$instanceOf?.(type) ?? false;
}

/** One child or referenced element; null where the model has none or the reference leads nowhere. */
export function child(element: ModdleElement | null, property: string): ModdleElement | null {
  const value = element?.[property];
  return isElement(value) ? value : null;
}

export function children(element: ModdleElement | null, property: string): ModdleElement[] {
  const value = element?.[property];
  return Array.isArray(value) ? value.filter(isElement) : [];
}

/** Text with its white space folded: names are drawn over several lines. Null when nothing is left. */
export function text(element: ModdleElement | null, property: string): string | null {
  const value = element?.[property];
  return typeof value === 'string' ? fold(value) : null;
}

export function fold(value: string): string | null {
  return value.replaceAll(/\s+/gu, ' ').trim() || null;
}

/** The text of a flow's condition; empty when there is none, or nothing in it. */
export function conditionOf(flow: ModdleElement): string {
  const body = child(flow, 'conditionExpression')?.['body'];
  return typeof body === 'string' ? body : '';
}

export function idOf(element: ModdleElement | null): string | null {
  const id = element?.['id'];
  return typeof id === 'string' && id !== '' ? id : null;
}

/** An attribute of a vendor, whatever prefix the file gave the vendor. */
export function vendorAttribute(element: ModdleElement, localName: string): string | null {
  for (const [name, value] of Object.entries(element.$attrs)) {
    if (name.endsWith(`:${localName}`) && typeof value === 'string') return fold(value);
  }
  return null;
}

/** A vendor's extension elements, whatever prefix the file gave the vendor. */
export function vendorElements(element: ModdleElement, localName: string): ModdleElement[] {
  return children(child(element, 'extensionElements'), 'values').filter((value) =>
    hasLocalName(value, localName),
  );
}

export function hasLocalName(element: ModdleElement, localName: string): boolean {
  return element.$type.slice(element.$type.indexOf(':') + 1) === localName;
}

/** The target of a reference that moddle could not resolve, as the file wrote it. */
export function unresolved(source: Source, element: ModdleElement, property: string): string | null {
  return source.unresolved.get(element)?.get(`bpmn:${property}`) ?? null;
}
