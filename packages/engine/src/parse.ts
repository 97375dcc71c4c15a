import { BpmnModdle, type ModdleElement, type ModdleWarning, type ReaderOptions } from 'bpmn-moddle';
import { MAX_LOST_PARTS } from './limits.ts';
import type { Source } from './moddle.ts';
import { problem } from './problems.ts';
import type { Problem } from './types.ts';

class TooManyLostParts extends Error {}

/** The parsed file, or why it cannot be read. */
export async function parse(xml: string): Promise<Source | Problem> {
  try {
    const { rootElement, warnings } = await new BpmnModdle().fromXML(xml, givingUp());
    return { definitions: rootElement, warnings, unresolved: unresolvedOf(warnings) };
  } catch (error) {
    if (error instanceof TooManyLostParts) {
      const reason = `More than ${MAX_LOST_PARTS} parts of this file are not BPMN 2.0. Export it once more as BPMN 2.0.`;
      return problem(null, 'unreadable-xml', reason);
    }
    // The parser throws for what is no BPMN at all; its first line says where.
    const [detail = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return problem(null, 'unreadable-xml', `This is not a readable BPMN 2.0 file: ${detail.slice(0, 200)}.`);
  }
}

/**
 * For every part that it drops, the parser counts the lines from the top of the file: 12,000 of them at the end of
 * 2 MB would hold it for many seconds. It has no limit of its own, so it is stopped where it keeps its warnings.
 */
function givingUp(): ReaderOptions {
  return {
    handler(type) {
      const reader = Object.getPrototypeOf(this) as typeof this;
      const root = reader.handler.call(this, type);
      let { context } = root;
      Object.defineProperty(root, 'context', {
        get: () => context,
        set(created: NonNullable<typeof context>) {
          context = created;
          let lost = 0;
          created.addWarning = (warning) => {
            created.warnings.push(warning);
            // Others, of references that lead nowhere, come without a place in the file.
            if (warning.error !== undefined) lost += 1;
            if (lost > MAX_LOST_PARTS) throw new TooManyLostParts();
          };
        },
      });
      return root;
    },
  };
}

function unresolvedOf(warnings: ModdleWarning[]): Source['unresolved'] {
  const found = new Map<ModdleElement, Map<string, string>>();
  for (const { element, property, value } of warnings) {
    if (element === undefined || property === undefined || value === undefined) continue;
    const values = found.get(element) ?? new Map<string, string>();
    if (!values.has(property)) found.set(element, values.set(property, value));
  }
  return found;
}
