import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

export type Style = (format: Format, text: string) => string;

export function createStyle(isColorful: boolean): Style {
  return (format, text) => (isColorful ? styleText(format, text, { validateStream: false }) : text);
}

/** As https://no-color.org and Node's own: a flag wins, then NO_COLOR and FORCE_COLOR, then where it goes to. */
export function wantsColor(flag: boolean | undefined, env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (flag !== undefined) return flag;
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}

/** What a terminal would obey instead of showing: C1 and DEL, line separators, changes of direction. */
const OBEYED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON that is safe in a terminal: anybody in a team writes what is shown here. It stays the same value. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(OBEYED, escaped);
}

/** A server's or proxy's sentence, safe in a terminal. */
export function safeText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not come through
  return text.replace(/[\u0000-\u0009\u000b-\u001f]/g, escaped).replace(OBEYED, escaped);
}

/** `14:03:07`, of this machine's day, whatever its language. */
export function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
