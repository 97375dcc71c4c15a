/** Tells the server's log of an error that did not stop us. */
export function report(error: unknown): void {
  console.error(describe(error));
}

/** What happened and where. Any other field of an error may hold a row, a query or a whole connection with its keys. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const parts = [error.stack ?? error.message];
  if (error instanceof AggregateError) parts.push(...error.errors.map(describe));
  if (error.cause !== undefined) parts.push(`Caused by: ${describe(error.cause)}`);
  return parts.join('\n');
}
