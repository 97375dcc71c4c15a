import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };

const folder = new URL('./', import.meta.url);
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8');

test('the engine depends on nothing but bpmn-moddle and feelin', () => {
  expect(Object.keys(packageJson.dependencies).toSorted()).toEqual(['bpmn-moddle', 'feelin']);
  expect(sources.length).toBeGreaterThan(10);
  for (const name of sources) {
    const imports = [...textOf(name).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/gu)].map(
      (match) => match[1] ?? '',
    );
    const foreign = imports.filter(
      (path) => !path.startsWith('./') && path !== 'bpmn-moddle' && path !== 'feelin',
    );
    expect({ name, foreign }).toEqual({ name, foreign: [] });
  }
});

test('the engine has no clock, no randomness, no surroundings', () => {
  const impure =
    /\bDate\b|Math\.random|\bcrypto\b|\bprocess\.\w|\bperformance\b|setTimeout|setInterval|\bfetch\b|console\./u;
  for (const name of sources) {
    const code = textOf(name).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/gu, '');
    expect({ name, found: impure.exec(code)?.[0] ?? null }).toEqual({ name, found: null });
  }
});
