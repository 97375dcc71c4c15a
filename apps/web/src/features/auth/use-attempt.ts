import { useState } from 'react';

/** Runs one attempt at a time and keeps its error in words. */
export function useAttempt(): {
  pending: boolean;
  error: string | null;
  /** Resolves with true when it worked. */
  attempt(work: () => Promise<void>): Promise<boolean>;
} {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  return {
    pending,
    error,
    async attempt(work) {
      setPending(true);
      setError(null);
      try {
        await work();
        return true;
      } catch (cause) {
        setError(cause instanceof Error ? cause.message : 'That did not work. Try again.');
        return false;
      } finally {
        setPending(false);
      }
    },
  };
}
