import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string[] => readFileSync(new URL(path, import.meta.url), 'utf8').split('\n');

/** Every line that is neither empty nor the mark of a region, imports included. */
const lines = readdirSync(new URL('.', import.meta.url))
  .filter((name) => !name.includes('.test.'))
  .flatMap((name) => read(`./${name}`))
  .filter((line) => line.trim() !== '');
const code = lines.filter((line) => !/#(end)?region/.test(line));

/** What makes the list live: the marked regions, and what is imported for them. */
function liveLines(): string[] {
  let within = false;
  return lines.filter((line) => {
    if (line.includes('#region live')) within = true;
    if (line.includes('#endregion')) within = false;
    return (within && !line.includes('#region')) || line.includes("from '@processflow/events");
  });
}

test('the README says how many lines the smallest app has, and how many of them make its list live', () => {
  const readme = read('../../../README.md').join(' ').replaceAll(/\s+/g, ' ');
  const said = {
    code: /(\d+) lines of TypeScript, imports included/.exec(readme)?.[1],
    live: /(\d+) of them lie between "I have a table" and "my list is live"/.exec(readme)?.[1],
  };
  expect(said).toEqual({ code: String(code.length), live: String(liveLines().length) });
  expect(code.length).toBeLessThan(100);
});

test('the counted lines are those of the app: its server, its page and what starts it', () => {
  expect(code).toContainEqual(expect.stringContaining('const router = t.router({'));
  expect(code).toContainEqual(expect.stringContaining('<ul>'));
  expect(liveLines()).toContainEqual(expect.stringContaining('createChangeTriggers(db'));
  expect(liveLines()).toContainEqual(expect.stringContaining('trackedEvents(hub.subscribe'));
  expect(liveLines()).toContainEqual(expect.stringContaining('createInvalidator<AppEvent>(queryClient'));
  expect(liveLines()).toContainEqual(expect.stringContaining('httpSubscriptionLink({'));
});
