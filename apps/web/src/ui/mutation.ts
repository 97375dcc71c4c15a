import { notifications } from '@mantine/notifications';
import { useState } from 'react';

import { errorWords, type ErrorWords } from './error-words.ts';
import { relativeWords } from './relative-words.ts';

interface Mutation<Input, Output> {
  mutateAsync(input: Input): Promise<Output>;
  readonly isPending: boolean;
}

export interface ActOptions<Output> {
  /** Said when it worked, for what the screen does not show by itself. */
  readonly done?: string | ((output: Output) => string);
  /** The caller shows `error` itself, beside the field or the button. */
  readonly inline?: boolean;
}

export interface Act<Input, Output> {
  /** Resolves with the answer, or with undefined when it was refused (and shown). Never rejects. */
  run(input: Input): Promise<Output | undefined>;
  /** The same, saying whether it worked: for mutations that answer nothing. */
  attempt(input: Input): Promise<boolean>;
  readonly pending: boolean;
  readonly error: ErrorWords | null;
  clear(): void;
}

/** A mutation whose refusals are shown as clear messages; none vanishes silently. */
export function useAct<Input, Output>(
  mutation: Mutation<Input, Output>,
  { done, inline = false }: ActOptions<Output> = {},
): Act<Input, Output> {
  const [error, setError] = useState<ErrorWords | null>(null);

  async function settle(input: Input): Promise<{ readonly output: Output } | null> {
    setError(null);
    try {
      const output = await mutation.mutateAsync(input);
      const words = typeof done === 'function' ? done(output) : done;
      if (words !== undefined) showDone(words);
      return { output };
    } catch (cause) {
      const words = refusalWords(cause, Date.now());
      setError(words);
      if (!inline) showRefusal(words);
      return null;
    }
  }

  return {
    pending: mutation.isPending,
    error,
    clear: () => setError(null),
    run: async (input) => (await settle(input))?.output,
    attempt: async (input) => (await settle(input)) !== null,
  };
}

/** Says that something worked, to those who do not see the screen when they are done with what they hear. */
export function showDone(message: string): void {
  notifications.show({ message, color: 'teal', role: 'status' });
}

/** Shows why something was refused, until it is closed. */
export function showRefusal({ title, text }: ErrorWords): void {
  notifications.show({ title, message: text, color: 'red', autoClose: 12_000, role: 'alert' });
}

/** An error's words; a conflict names who was faster and when. */
export function refusalWords(error: unknown, now: number): ErrorWords {
  const words = errorWords(error);
  const { refusal } = words;
  if (refusal?.code !== 'taken' && refusal?.code !== 'already-done') return words;
  const who = typeof refusal['by'] === 'string' ? refusal['by'] : 'Someone';
  const what = refusal.code === 'taken' ? 'took this' : 'completed this';
  const when = typeof refusal['at'] === 'string' ? `, ${relativeWords(refusal['at'], now)}` : '';
  return { ...words, title: `${who} ${what}${when}` };
}
