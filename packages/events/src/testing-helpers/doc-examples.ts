import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The package's folder. */
export const packageFolder = join(import.meta.dirname, '..', '..');

/** A piece of code that the documentation shows. */
export interface Example {
  /** Where it stands: `src/contract.ts` or `docs/testing.md`, and the line its code begins at. */
  readonly file: string;
  readonly line: number;
  readonly code: string;
  readonly language: 'ts' | 'tsx';
  /** The name that other examples of the page import it by: its first line, as in `// channels.ts`. */
  readonly name: string | undefined;
}

export interface DocComment {
  readonly file: string;
  /** The declaration's name; undefined for members. */
  readonly name: string | undefined;
  readonly text: string;
  readonly example: Example | undefined;
}

const COMMENT =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export (?:declare )?(?:async )?(?:function\*?|const|class|interface|type) (\w+))?/g;

/** Every doc comment of the kit's shipped sources. */
export function readDocComments(): DocComment[] {
  return globSync('src/**/*.{ts,tsx}', { cwd: packageFolder })
    .filter((file) => !/\.test(-d)?\.|testing-helpers/.test(file))
    .toSorted()
    .flatMap((file) => {
      const source = readFileSync(join(packageFolder, file), 'utf8');
      return [...source.matchAll(COMMENT)].map((match) => readComment(file, source, match));
    });
}

function readComment(file: string, source: string, match: RegExpExecArray): DocComment {
  const [, comment, name] = match as unknown as [string, string, string | undefined];
  const [text, code] = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .split(/^@example\n/m) as [string, string | undefined];
  const before = source.slice(0, match.index + match[0].indexOf('@example'));
  return {
    file,
    name,
    text: text.replaceAll(/\s+/g, ' ').trim(),
    example:
      code === undefined
        ? undefined
        : {
            file,
            line: before.split('\n').length + 1,
            code: code.trim(),
            language: /<\/|\/>/.test(code) ? 'tsx' : 'ts',
            name: undefined,
          },
  };
}

/** Every block of TypeScript in these pages. */
export function readPages(pages: readonly string[]): Example[] {
  return pages.flatMap((page) => {
    const markdown = readFileSync(page, 'utf8');
    return [...markdown.matchAll(/^```(tsx?)[^\n]*\n([\s\S]*?)^```$/gm)].map((match) => {
      const [, language, code] = match as unknown as [string, 'ts' | 'tsx', string];
      return {
        file: relative(packageFolder, page),
        line: markdown.slice(0, match.index).split('\n').length + 1,
        code,
        language,
        name: /^\/\/ (\S+\.tsx?)\b/.exec(code)?.[1],
      };
    });
  });
}

/** Where an example is put: the blocks of one page side by side, so that they can import each other. */
export function placeOf({ file, line, name, language }: Example): string {
  const folder = file.replaceAll(/[^\w]+/g, '-');
  return name === undefined ? join(folder, `line-${line}.${language}`) : join(folder, name);
}
