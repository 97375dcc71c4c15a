import { analyse, PLAIN_NAME, type Analysis, type Comparison, type KnownNames } from './feel.ts';
import { juelToFeel } from './juel.ts';
import { MAX_CONDITION_LENGTH } from './limits.ts';
import type { Condition } from './types.ts';

/**
 * Reads what a tool or a person wrote as a condition: FEEL, Zeebe's `= ...`, the `${...}` of Camunda, Flowable and
 * Activiti, BPMN's `getDataObject('x')`. The text decides, not the declared language: tools declare XPath by habit.
 * What does not read is no error: a person will decide.
 */
export function readCondition(
  source: string,
  known: KnownNames,
  flowName: string | null,
): { condition: Condition; comparisons: Comparison[] } {
  const text = source.trim();
  const unreadable = (reason: string) => ({
    condition: { kind: 'unreadable', source: text, reason } satisfies Condition,
    comparisons: [],
  });
  if (text === '') return unreadable('The condition is empty.');
  if (text.length > MAX_CONDITION_LENGTH) return unreadable('The condition is too long to be read here.');

  if (!isQuotedWell(text)) return unreadable('Its quotation marks do not fit together.');

  const names = new Aliases(text);
  const plain = names.replaceGetters(text);
  if (plain === null) return unreadable('It asks for a part of a data object, which is not evaluated here.');
  const unwrapped = unwrap(plain);
  const marked = unwrapped.marked || plain !== text;
  const asFeel = () => analyse(normalise(unwrapped.text, known), known, names.aliases);
  const asJuel = (): Analysis | null => {
    const feel = juelToFeel(doubleQuoted(unwrapped.text), (name) => names.nameFor(name));
    return feel === null ? null : analyse(feel, known, names.aliases);
  };

  const first = unwrapped.juel ? (asJuel() ?? asFeel()) : asFeel();
  const analysis = first.ok || unwrapped.juel ? first : bestOf(first, asJuel());
  if (!analysis.ok) return unreadable(analysis.reason);
  if (!marked && analysis.bareName !== null && !known.has(analysis.bareName)) {
    if (isForPeople(analysis.bareName, flowName)) return unreadable('It reads like words for people.');
  }
  return {
    condition: { kind: 'readable', source: text, feel: analysis.feel, names: analysis.names },
    comparisons: analysis.comparisons,
  };
}

const bestOf = (feel: Analysis, juel: Analysis | null): Analysis => (juel?.ok ? juel : feel);

/** “yes” on a flow is a label that landed in the wrong box, not a variable. */
const WORDS_FOR_PEOPLE = /^(?:yes|no|ok|ja|nein|oui|non|si|sí|else|otherwise|default|sonst|condition)$/iu;
const isForPeople = (name: string, flowName: string | null): boolean =>
  WORDS_FOR_PEOPLE.test(name) || !/^[\w.]+$/u.test(name) || name.toLowerCase() === flowName?.toLowerCase();

function unwrap(text: string): { text: string; marked: boolean; juel: boolean } {
  const inner = text.replaceAll(/[$#]\{([^{}]*)\}/gu, '($1)');
  if (inner !== text) return { text: inner, marked: true, juel: true };
  if (/^=[^=]/u.test(text)) return { text: text.slice(1).trim(), marked: true, juel: false };
  return { text, marked: false, juel: false };
}

const STRING = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/u;

/** False for what is in none of these languages, and takes FEEL's parser longest: quotes that nothing opens or joins. */
function isQuotedWell(text: string): boolean {
  const parts = text.split(STRING);
  return parts.every((part, index) => {
    if (index % 2 === 1) return true;
    const isBetween = index > 0 && index < parts.length - 1;
    return !/["\\]/u.test(part) && !(isBetween && part.trim() === '');
  });
}

/** Applies `code` outside string literals, and writes every literal in double quotes, the only ones FEEL knows. */
function mapCode(text: string, code: (part: string) => string): string {
  const parts = text.split(STRING);
  return parts.map((part, index) => (index % 2 === 1 ? doubleQuote(part) : code(part))).join('');
}

function doubleQuote(literal: string): string {
  if (literal.startsWith('"')) return literal;
  const content = literal.slice(1, -1).replaceAll(String.raw`\'`, "'");
  return `"${content.replaceAll(/(?<!\\)"/gu, String.raw`\"`)}"`;
}

const doubleQuoted = (text: string): string => mapCode(text, (part) => part);

/** Small things other languages write differently: `==`, `True`, `true()`. */
function normalise(text: string, known: KnownNames): string {
  return mapCode(text, (part) =>
    part
      .replaceAll(/(?<=!)={2}|={2,3}/gu, '=')
      .replaceAll(/\b(true|false)\s*\(\s*\)/giu, '$1')
      .replaceAll(/\b(?:true|false)\b/giu, (word) => (known.has(word) ? word : word.toLowerCase())),
  );
}

const GETTER =
  /(?:[\p{L}_][\p{L}\p{N}_.-]*:)?(?:getDataObject|execution\.getVariable)\(\s*(?:'([^']*)'|"([^"]*)")\s*\)(\s*\/)?/gu;
const FEEL_WORDS =
  /^(?:and|or|not|if|then|else|for|in|return|some|every|satisfies|between|instance|of|function|external|true|false|null|item|date|time|duration|days|years|months|list|context|range)$/u;

/** Variables whose names FEEL could misread get a name of ours. */
class Aliases {
  readonly aliases = new Map<string, string>();
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  nameFor(variable: string): string {
    if (PLAIN_NAME.test(variable) && !FEEL_WORDS.test(variable)) return variable;
    for (const [alias, name] of this.aliases) if (name === variable) return alias;
    let number = this.aliases.size + 1;
    while (this.#text.includes(`variable_${number}`)) number += 1;
    const alias = `variable_${number}`;
    this.aliases.set(alias, variable);
    return alias;
  }

  /** `bpmn:getDataObject('approved')` -> `approved`; null when a path into the object follows. */
  replaceGetters(text: string): string | null {
    let path = false;
    const result = text.replaceAll(GETTER, (_, single?: string, double?: string, slash?: string) => {
      if (slash !== undefined) path = true;
      return this.nameFor((single ?? double ?? '').trim());
    });
    return path ? null : result;
  }
}
