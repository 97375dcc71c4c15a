import type { Json } from '@processflow/engine';

/** What a person can enter. Lists and objects come from elsewhere and are kept as they are. */
export type ValueType = 'text' | 'number' | 'boolean' | 'date';

export const VALUE_TYPES: readonly { value: ValueType; label: string }[] = [
  { value: 'text', label: 'Text' },
  { value: 'number', label: 'Number' },
  { value: 'boolean', label: 'Yes / no' },
  { value: 'date', label: 'Date' },
];

export type Parsed = { ok: true; value: Json } | { ok: false; message: string };

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What the text in a field of this type means. */
export function parseValue(type: ValueType, text: string): Parsed {
  switch (type) {
    case 'text':
      return { ok: true, value: text };
    case 'boolean':
      return { ok: true, value: text === 'true' };
    case 'number': {
      const number = Number(text.trim());
      if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
        return { ok: false, message: 'Enter a number of at most 15 digits; a longer one would be rounded' };
      }
      return text.trim() !== '' && Number.isFinite(number)
        ? { ok: true, value: number }
        : { ok: false, message: 'Enter a number, with a point for decimals: 12.5' };
    }
    case 'date':
      return isDate(text) ? { ok: true, value: text } : { ok: false, message: 'Enter a date' };
  }
}

/** What stands in a field of a value's type; the other way round than {@link parseValue}. */
export function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The type a value is entered as; null for lists, objects and nothing. */
export function typeOf(value: Json): ValueType | null {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'string') return isDate(value) ? 'date' : 'text';
  return null;
}

/** A value as people read it. */
export function valueWords(value: Json): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (value === null || value === '') return 'empty';
  if (Array.isArray(value)) return `${value.length} entries`;
  if (typeof value === 'object') return `${Object.keys(value).length} parts`;
  if (typeof value === 'number') return value.toLocaleString(undefined, { maximumFractionDigits: 20 });
  if (isDate(value))
    return new Date(`${value}T00:00:00`).toLocaleDateString(undefined, { dateStyle: 'medium' });
  return value;
}

function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // 2026-02-30 would become the second of March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
