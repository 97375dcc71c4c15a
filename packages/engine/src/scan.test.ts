import { describe, expect, test } from 'vitest';
import {
  MAX_XML_ATTRIBUTES,
  MAX_XML_DEPTH,
  MAX_XML_LINES,
  MAX_XML_NAMESPACES,
  MAX_XML_TAGS,
} from './limits.ts';
import { scan } from './scan.ts';

const numbered = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

describe('what the parser may see', () => {
  test.each([
    ['nothing', ''],
    ['a small file', '<?xml version="1.0"?><a b="c" d = \'e\'\n><f/><g></g >text</a>'],
    ['quotes and signs within values', `<a b="x > y && 'z'" c='"/>"'/>`.repeat(MAX_XML_DEPTH + 1)],
    ['tags in comments', `<a><!--${'<b>'.repeat(MAX_XML_DEPTH + 1)} it's "--></a>`],
    ['tags in sections of data', `<a><![CDATA[${'<br>'.repeat(MAX_XML_DEPTH + 1)}]]></a>`],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a/>'],
    ['lines that end with two characters', '\r\n'.repeat(MAX_XML_LINES - 1)],
    ['names in other scripts', '<größe 高="1" a:b-c.d="2"/>'],
    ['what ends too early, for the parser to refuse', '<a><!-- never closed'],
  ])('%s', (_, xml) => {
    expect(scan(xml)).toBeNull();
  });
});

describe('what holds the parser for too long', () => {
  test.each([
    ['tags', '<a/>'.repeat(MAX_XML_TAGS + 1)],
    ['comments', '<!-- -->'.repeat(MAX_XML_TAGS + 1)],
    ['lines', '\n'.repeat(MAX_XML_LINES)],
    ['lines', '\r'.repeat(MAX_XML_LINES)],
    ['levels', '<a>'.repeat(MAX_XML_DEPTH + 1)],
    ['attributes', `<a ${numbered(MAX_XML_ATTRIBUTES + 1, (index) => `a${index}=""`)}/>`],
    ['namespaces', numbered(MAX_XML_NAMESPACES + 1, (index) => `<a xmlns:n${index}="u"/>`)],
  ])('too many %s', (what, xml) => {
    expect(scan(xml)?.kind).toBe('excess');
    expect(scan(xml)?.what).toMatch(what === 'comments' ? /tags/u : new RegExp(what, 'u'));
  });

  test.each([
    ['stray quotes', `<a ${`"'`.repeat(1000)}>`],
    ['attributes without values', `<a ${'b '.repeat(1000)}>`],
    ['attributes given twice', '<a b="1" b="2"/>'],
    ['no name', '<a>< b/></a>'],
    ['an end that is missing', '<a><b c="d"'],
  ])('malformed: %s', (_, xml) => {
    expect(scan(xml)?.kind).toBe('malformed');
  });
});
