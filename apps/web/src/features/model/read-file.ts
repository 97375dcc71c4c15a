/** As many characters as the engine reads. */
const MAX_XML_LENGTH = 2_000_000;

export type ReadFile = { ok: true; xml: string; name: string | null } | { ok: false; reason: string };

/**
 * Reads a model file as text, in the encoding it declares. `name` is the file's, for a model that has none of its
 * own; null when it has one.
 */
export async function readModelFile(file: File): Promise<ReadFile> {
  // UTF-16 takes two bytes a character; more cannot be small enough in any encoding we know.
  if (file.size > 2 * MAX_XML_LENGTH) return tooLarge(file.size);
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    return { ok: false, reason: 'The browser could not read this file. Was it moved or changed meanwhile?' };
  }
  const xml = decode(new Uint8Array(bytes));
  if (xml === null)
    return { ok: false, reason: 'This is not text in the encoding it declares, so it is no BPMN XML.' };
  if (xml.trim() === '') return { ok: false, reason: 'This file is empty.' };
  if (xml.length > MAX_XML_LENGTH) return tooLarge(xml.length);
  return { ok: true, xml, name: hasOwnName(xml) ? null : file.name.replace(/\.(bpmn2?|xml)$/i, '') };
}

function tooLarge(size: number): ReadFile {
  const megabytes = (size / 1_000_000).toFixed(1);
  return { ok: false, reason: `This file has ${megabytes} MB; models may have up to 2 MB.` };
}

/** Null when the bytes are no text in the encoding that their first bytes or their XML declaration name. */
function decode(bytes: Uint8Array): string | null {
  const declared = /^\s*<\?xml[^>]*\bencoding=["']([\w.-]+)["']/.exec(
    new TextDecoder('latin1').decode(bytes.subarray(0, 200)).replace(/^\u00EF\u00BB\u00BF/, ''),
  )?.[1];
  try {
    return new TextDecoder(byteOrderMark(bytes) ?? declared ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function byteOrderMark(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8' : null;
}

function hasOwnName(xml: string): boolean {
  return /<(?:[\w.-]+:)?(?:process|participant|definitions)\s(?:[^>]*\s)?name\s*=\s*["'][^"']*\S[^"']*["']/.test(
    xml,
  );
}
