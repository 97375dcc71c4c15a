import {
  MAX_XML_ATTRIBUTES,
  MAX_XML_DEPTH,
  MAX_XML_LINES,
  MAX_XML_NAMESPACES,
  MAX_XML_TAGS,
} from './limits.ts';

/** What a file has too much of, or where a tag is malformed. */
export type Finding = { kind: 'excess' | 'malformed'; what: string };

/**
 * Looks over a file before the parser does. The parser's work grows with the square of what is nested, declared or
 * wrong in a file, so that 600 KB of nothing but namespaces held it for minutes: this pass is linear, and lets
 * through only what the parser is soon done with. It finds tags where the parser (saxen) finds them.
 */
export function scan(xml: string): Finding | null {
  if (hasTooManyLines(xml)) return excess(`it has more than ${MAX_XML_LINES} lines`);
  let [parts, depth, namespaces] = [0, 0, 0];
  for (let at = xml.indexOf('<'); at !== -1; at = xml.indexOf('<', at)) {
    parts += 1;
    if (parts > MAX_XML_TAGS) return excess(`it has more than ${MAX_XML_TAGS} tags`);
    const skipped = skipUnparsed(xml, at);
    if (skipped !== null) {
      at = skipped;
      continue;
    }
    const tag = scanTag(xml, at);
    if (tag === null) return { kind: 'malformed', what: xml.slice(at, at + 40) };
    if (tag.attributes > MAX_XML_ATTRIBUTES)
      return excess(`a tag has more than ${MAX_XML_ATTRIBUTES} attributes`);
    namespaces += tag.namespaces;
    if (namespaces > MAX_XML_NAMESPACES)
      return excess(`it declares more than ${MAX_XML_NAMESPACES} namespaces`);
    depth += tag.step;
    if (depth > MAX_XML_DEPTH) return excess(`it is nested more than ${MAX_XML_DEPTH} levels deep`);
    at = tag.end;
  }
  return null;
}

function hasTooManyLines(xml: string): boolean {
  const lineBreak = /\r\n?|\n/gu;
  let lines = 1;
  while (lines <= MAX_XML_LINES && lineBreak.test(xml)) lines += 1;
  return lines > MAX_XML_LINES;
}

const excess = (what: string): Finding => ({ kind: 'excess', what });

const UNPARSED = [
  { opens: '<![CDATA[', closes: ']]>' },
  { opens: '<!--', closes: '-->' },
  { opens: '<?', closes: '?>' },
  { opens: '<!', closes: '>' },
];

/** The end of what is no tag; the parser refuses what has none. */
function skipUnparsed(xml: string, at: number): number | null {
  const part = UNPARSED.find(({ opens }) => xml.startsWith(opens, at));
  if (!part) return null;
  const end = xml.indexOf(part.closes, at);
  return end === -1 ? xml.length : end + part.closes.length;
}

const OPENING = /<\/?[^\s"'<>/=]+/uy;
const ATTRIBUTE = /\s+([^\s"'<>/=]+)\s*=\s*(?:"[^"]*"|'[^']*')/uy;
const CLOSING = /\s*(\/?)>/uy;

interface Tag {
  end: number;
  /** How much deeper what follows is. */
  step: number;
  attributes: number;
  namespaces: number;
}

function scanTag(xml: string, start: number): Tag | null {
  let at = matchAt(OPENING, xml, start)?.end;
  if (at === undefined) return null;
  const names = new Set<string>();
  let namespaces = 0;
  for (let match = matchAt(ATTRIBUTE, xml, at); match; match = matchAt(ATTRIBUTE, xml, at)) {
    at = match.end;
    if (names.has(match.group)) return null;
    names.add(match.group);
    if (match.group.startsWith('xmlns')) namespaces += 1;
    if (names.size > MAX_XML_ATTRIBUTES) break;
  }
  const isOver = names.size > MAX_XML_ATTRIBUTES;
  const close = matchAt(CLOSING, xml, at);
  if (!close) return isOver ? { end: at, step: 0, attributes: names.size, namespaces } : null;
  const step = xml[start + 1] === '/' ? -1 : close.group === '/' ? 0 : 1;
  return { end: close.end, step, attributes: names.size, namespaces };
}

function matchAt(pattern: RegExp, xml: string, at: number): { end: number; group: string } | null {
  pattern.lastIndex = at;
  const match = pattern.exec(xml);
  return match && { end: at + match[0].length, group: match[1] ?? '' };
}
