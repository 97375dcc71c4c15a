import { evaluate, parseExpression } from 'feelin';
import type { ConditionName, FieldType } from './types.ts';

type Node = ReturnType<typeof parseExpression>['topNode'];

/** Names the model itself speaks of, with the types it gives them. */
export type KnownNames = ReadonlyMap<string, ReadonlySet<FieldType>>;

/** A text field compared with a text, worth offering as an option. */
export interface Comparison {
  variable: string;
  text: string;
}

export type Analysis =
  | { ok: true; feel: string; names: ConditionName[]; comparisons: Comparison[]; bareName: string | null }
  | { ok: false; reason: string };

/** No clock, no regular expressions from outside, no unbounded work: the same answer always, and soon. */
const REFUSED_FUNCTIONS = new Set(['now', 'today', 'matches', 'replace', 'split']);
const REFUSED_NODES = new Set(['ForExpression', 'FunctionDefinition', 'FunctionType', '?', 'external']);
const CALLABLE = new Set(['VariableName', 'SpecialFunctionName']);
const NEVER_A_DECISION = new Set([
  'NumericLiteral',
  'StringLiteral',
  'DateTimeLiteral',
  'ArithmeticExpression',
  'List',
  'Context',
  'null',
  'SimplePositiveUnaryTest',
  'Interval',
]);
const RESERVED = /^(?:not|and|or|__proto__|constructor|prototype)$/u;
const ISO_DATE_LITERAL = /^"\d{4}-\d{2}-\d{2}"$/u;
const DATE_LITERAL = /^(?:date\s*\(|@"\d{4}-\d{2}-\d{2}")/u;
const ORDER = new Set(['<', '<=', '>', '>=']);

/** A name FEEL reads as one without knowing it. */
export const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

const isBuiltin = (name: string) => typeof evaluate(name, {}).value === 'function';

/** Says whether a text is FEEL that we dare to evaluate, and what it speaks of. `aliases`: FEEL name -> variable. */
export function analyse(feel: string, known: KnownNames, aliases: ReadonlyMap<string, string>): Analysis {
  // Only names that are not one word must be known for the text to be read as meant.
  const special = [...known.keys()].filter((name) => !PLAIN_NAME.test(name) && feel.includes(name));
  const context = Object.fromEntries(special.map((name) => [name, null]));
  const tree = parseExpression(feel, context, undefined);
  const names = new Map<string, ConditionName>();
  const comparisons: Comparison[] = [];
  const edits: Node[] = [];
  const bound = new Set<string>();
  let iterations = 0;
  let reason: string | null = null;

  const textOf = (node: Node) => feel.slice(node.from, node.to);
  const variableOf = (node: Node) => aliases.get(textOf(node)) ?? textOf(node);
  const isDate = (node: Node) => known.get(variableOf(node))?.has('date') ?? false;

  const visitComparison = (node: Node) => {
    const [left, operator, right] = [node.firstChild, node.firstChild?.nextSibling, node.lastChild];
    if (!left || !operator || !right) return;
    for (const [name, other] of [
      [left, right],
      [right, left],
    ] as const) {
      if (name.name !== 'VariableName') continue;
      if (other.name === 'StringLiteral') {
        if (isDate(name) && ISO_DATE_LITERAL.test(textOf(other))) edits.push(other);
        else comparisons.push({ variable: variableOf(name), text: stringOf(textOf(other)) });
      }
      if (!ORDER.has(textOf(operator))) continue;
      const entry = names.get(textOf(name));
      if (!entry) continue;
      if (other.name === 'NumericLiteral') entry.expects = 'number';
      if (DATE_LITERAL.test(textOf(other))) entry.expects = 'date';
    }
  };

  tree.iterate({
    enter(ref) {
      const node = ref.node;
      if (node.type.isError) reason ??= 'It is not written in a language that can be read here.';
      if (REFUSED_NODES.has(node.name)) reason ??= 'It uses a construct that is not evaluated here.';
      if (node.name === 'SimplePositiveUnaryTest' && node.prevSibling?.name === 'CompareOp') {
        reason ??= 'It has two comparison signs in a row.';
      }
      if (node.name === 'FunctionInvocation' && !CALLABLE.has(node.firstChild?.name ?? '')) {
        reason ??= 'It calls something that is not there when it is evaluated here.';
      }
      if (node.name === 'Name' && node.parent?.name === 'InExpression') bound.add(textOf(node));
      if (node.name === 'InExpression' || node.name === 'FilterExpression') iterations += 1;
      if (node.name === 'IterationContext' && textOf(node).includes('..')) {
        reason ??= 'It counts through a range, which is not evaluated here.';
      }
      if (node.name !== 'VariableName' && node.name !== 'SpecialFunctionName') return;
      const name = textOf(node);
      if (node.parent?.name === 'FunctionInvocation' && node.parent.firstChild?.from === node.from) {
        if (REFUSED_FUNCTIONS.has(name)) reason ??= `The function ${name}() is not evaluated here.`;
        else if (!isBuiltin(name)) reason ??= `There is no function ${name}() here.`;
        return;
      }
      if (node.parent?.name === 'QualifiedName') return;
      if (RESERVED.test(name)) reason ??= `“${name}” cannot be a variable.`;
      const isKnown = known.has(name) || aliases.has(name);
      if (/\s/u.test(name) && !isKnown) reason ??= 'It reads like words for people.';
      if (!names.has(name)) names.set(name, { feel: name, variable: variableOf(node), expects: null });
    },
    leave(ref) {
      if (ref.name === 'Comparison') visitComparison(ref.node);
    },
  });

  let top = tree.topNode.firstChild;
  while (top?.name === 'ParenthesizedExpression') top = top.firstChild?.nextSibling ?? null;
  if (!top || NEVER_A_DECISION.has(top.name)) reason ??= 'It does not answer yes or no.';
  if (iterations > 1) reason ??= 'It searches lists within lists, which is not evaluated here.';
  if (reason !== null) return { ok: false, reason };
  for (const name of bound) names.delete(name);
  return {
    ok: true,
    feel: datesFor(feel, edits),
    names: [...names.values()],
    comparisons,
    bareName: top?.name === 'VariableName' ? textOf(top) : null,
  };
}

/** A date field compared with "2024-01-01" means that day, not that text. */
function datesFor(feel: string, literals: Node[]): string {
  let result = feel;
  for (const literal of literals.toSorted((a, b) => b.from - a.from)) {
    result = `${result.slice(0, literal.from)}@${result.slice(literal.from)}`;
  }
  return result;
}

function stringOf(literal: string): string {
  const value = evaluate(literal, {}).value;
  return typeof value === 'string' ? value : literal;
}
