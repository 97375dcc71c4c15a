import type { Variables } from '@processflow/engine';
import { z } from 'zod';

/** An id as our tables count them. */
export const idInput = z.int().positive().max(2_147_483_647);

const notOfOneLine = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Joiners: emoji and many scripts are written with them. */
const joiner = /[\u200c\u200d]/gu;
/** Signs that show nothing, but turn a line around or make two names look the same. */
const invisible = /\p{Cf}/u;
const unwanted = /[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Cf}\s]--[\u200c\u200d]]+/gv;

const isBlank = (text: string) => text.replaceAll(joiner, '').trim() === '';

/** As much of a text from outside as can be a name: of one line, with no signs that nobody sees. */
export function toNameOrEmpty(text: string, longest: number): string {
  const name = text.replaceAll(unwanted, ' ').trim();
  return isBlank(name) ? '' : Array.from(name).slice(0, longest).join('').trim();
}

/** A name of one line; blanks around it do not count. */
export function nameInput(what: string, longest = 100) {
  return z
    .string()
    .trim()
    .refine((name) => !isBlank(name), `Give ${what} a name.`)
    .refine((name) => Array.from(name).length <= longest, `A name has at most ${longest} characters.`)
    .refine((name) => !notOfOneLine.test(name), 'A name has no line breaks or other control characters.')
    .refine(
      (name) => !invisible.test(name.replaceAll(joiner, '')),
      'A name has no invisible characters. Type it anew instead of pasting it.',
    );
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
