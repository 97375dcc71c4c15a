import type { Variables } from '@processflow/engine';
import { z } from 'zod';

/** An id as our tables count them. */
export const idInput = z.int().positive().max(2_147_483_647);

const unstorable = /\p{Cc}|\p{Cs}/u;

/** A name of one line; blanks around it do not count. */
export function nameInput(what: string, longest = 100) {
  return z
    .string()
    .trim()
    .min(1, `Give ${what} a name.`)
    .refine((name) => Array.from(name).length <= longest, `A name has at most ${longest} characters.`)
    .refine((name) => !unstorable.test(name), 'A name has no line breaks or other control characters.');
}

export const emailInput = z
  .string()
  .trim()
  .toLowerCase()
  .max(320, 'This email address is too long.')
  .pipe(z.email('This does not look like an email address.'));

/** What stands in the variables is judged by the engine: it knows the model's types and every limit. */
export const variablesInput = z.custom<Variables>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'Variables are names with values.',
);
