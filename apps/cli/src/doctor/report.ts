import { safeText, type Style } from '../style.ts';
import { firstFailing, HOPS, type HopResult } from './hop.ts';

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

/** The last line: which hop to mend first. */
export function summaryText(results: readonly HopResult[], style: Style): string {
  const failing = firstFailing(results);
  if (failing !== undefined) return `\n${style('red', `Broken at: ${failing.hop}.`)}\n`;
  const warnings = results.filter(({ state }) => state === 'warn').length;
  const skipped = results.filter(({ state }) => state === 'skip').length;
  const notes = [
    warnings > 0 && `${warnings} with a warning`,
    skipped > 0 && `${skipped} not looked at`,
  ].filter((note) => note !== false);
  return `\n${style('green', 'Nothing is broken')}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}.\n`;
}
