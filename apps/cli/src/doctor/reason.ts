/** Why a request came to nothing, in words; `fetch` keeps the true reason in its error's `cause`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return reasonOf(cause);
  // Where several addresses were tried, the error itself says nothing.
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0]);
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}

/** Whether nobody listens there. */
export function isRefused(error: unknown): boolean {
  return reasonOf(error).includes('ECONNREFUSED');
}

/** tRPC's code of an error that the server answered with, such as `UNAUTHORIZED`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('data' in error)) return undefined;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('code' in data)) return undefined;
  return String(data.code);
}
