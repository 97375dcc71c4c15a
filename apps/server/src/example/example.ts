import { readFile } from 'node:fs/promises';

/** A small process that a person understands at once: how a bill gets approved and paid. */
export async function readExample(): Promise<{ name: string; xml: string }> {
  const xml = await readFile(new URL('./invoice-approval.bpmn', import.meta.url), 'utf8');
  return { name: 'Invoice approval', xml };
}
