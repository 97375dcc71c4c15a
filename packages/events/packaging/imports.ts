const IMPORT =
  /^(?:import|export)\b[^;'"]*\bfrom ["']([^"']+)["']|^import ["']([^"']+)["']|\bimport\(["']([^"']+)["']\)/gm;

/** What a source, or a declaration, imports; examples in its comments do not count. */
export function importsIn(source: string): string[] {
  const code = source.replaceAll(/\/\*\*[\s\S]*?\*\//g, '');
  return [...code.matchAll(IMPORT)].map(([, named, bare, inline]) => named ?? bare ?? inline ?? '');
}
