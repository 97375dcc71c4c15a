import { VALUE_TYPES } from '../instance/values.ts';
import type { FormDraft } from './form-draft.ts';

/** The part of the browser's storage that drafts need. */
export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

const PREFIX = 'processflow:draft:';
const DAY = 24 * 60 * 60 * 1000;
const KEPT_FOR = 30 * DAY;

/** Half-filled forms of one person, kept in the browser over reloads and a new sign-in. */
export function createDraftStore(storage: DraftStorage, profileId: string, now: () => number = Date.now) {
  const keyOf = (taskId: number) => `${PREFIX}${profileId}:${taskId}`;
  return {
    /** Null when there is none, or it cannot be read. */
    read(taskId: number): FormDraft | null {
      return parse(storage.getItem(keyOf(taskId)))?.draft ?? null;
    },
    /** False when the browser keeps nothing (private window, storage full). */
    write(taskId: number, draft: FormDraft): boolean {
      try {
        storage.setItem(keyOf(taskId), JSON.stringify({ savedAt: now(), draft }));
        return true;
      } catch {
        return false;
      }
    },
    drop(taskId: number): void {
      storage.removeItem(keyOf(taskId));
    },
    /** Forgets what was left lying for a month, of anyone who used this browser. */
    sweep(): void {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
      for (const key of keys) {
        if (!key?.startsWith(PREFIX)) continue;
        const savedAt = parse(storage.getItem(key))?.savedAt ?? 0;
        if (now() - savedAt > KEPT_FOR) storage.removeItem(key);
      }
    },
  };
}

export type DraftStore = ReturnType<typeof createDraftStore>;

function parse(text: string | null): { savedAt: number; draft: FormDraft } | null {
  if (text === null) return null;
  try {
    const found: unknown = JSON.parse(text);
    return isStored(found) ? found : null;
  } catch {
    // Not ours, or cut off: as good as none.
    return null;
  }
}

function isStored(found: unknown): found is { savedAt: number; draft: FormDraft } {
  if (!isRecord(found) || typeof found['savedAt'] !== 'number' || !isRecord(found['draft'])) return false;
  const { values, extra, choice } = found['draft'];
  return (
    isRecord(values) &&
    Object.values(values).every((text) => typeof text === 'string') &&
    Array.isArray(extra) &&
    extra.every(isRow) &&
    Array.isArray(choice) &&
    choice.every((id) => typeof id === 'string')
  );
}

function isRow(row: unknown): boolean {
  return (
    isRecord(row) &&
    ['key', 'name', 'text'].every((part) => typeof row[part] === 'string') &&
    VALUE_TYPES.some(({ value }) => value === row['type'])
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
