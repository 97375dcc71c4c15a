import { safeText, type Style } from '../style.ts';
import { failingInOrder, HOPS, type HopResult } from './hop.ts';

const MARKS = { ok: '✓', warn: '!', fail: '✗', skip: '-' } as const;
const COLORS = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'dim' } as const;
const WIDTH = Math.max(...HOPS.map((hop) => hop.length));

/** One hop for the terminal: a line, and what to do below it. */
export function hopText({ hop, state, ms, finding, advice, line }: HopResult, style: Style): string {
  const time = ms === undefined ? '' : `${Math.round(ms)} ms`;
  const head = `${style(COLORS[state], MARKS[state])} ${hop.padEnd(WIDTH)} ${style('dim', time.padStart(8))}  ${safeText(finding)}\n`;
  const indent = ' '.repeat(4);
  return [
    head,
    advice === undefined ? '' : `${indent}${safeText(advice)}\n`,
    line === undefined ? '' : `${indent}${style('bold', `  ${line}`)}\n`,
  ].join('');
}

/** The last line: what to mend, the first to mend first. */
export function summaryText(results: readonly HopResult[], style: Style): string {
  const [first, ...more] = failingInOrder(results).map(({ hop }) => hop);
  if (first !== undefined) {
    const begin = more.length === 0 ? '' : ` Begin with ${first}.`;
    return `\n${style('red', `Broken at: ${[first, ...more].join(', ')}.`)}${begin}\n`;
  }
  const warnings = results.filter(({ state }) => state === 'warn').length;
  const skipped = results.filter(({ state }) => state === 'skip').map(({ hop }) => hop);
  const warned = warnings === 0 ? '' : ` (${warnings} with a warning)`;
  if (skipped.length === 0) return `\n${style('green', 'Nothing is broken')}${warned}.\n`;
  const ways = [
    skipped.includes('trigger') && 'give --database-url (npm start prints it)',
    skipped.includes('server') && 'give an API token, made on the Team page',
  ].filter((way) => way !== false);
  const how = ways.length === 0 ? '' : `: ${ways.join(', and ')}`;
  const what = style('green', 'Nothing is broken of what was looked at');
  return `\n${what}${warned}. Not looked at: ${skipped.join(', ')}${how}.\n`;
}
