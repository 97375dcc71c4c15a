import { EventsError } from '@processflow/events';

/** Tells the server's log of an error that did not stop us. */
export function report(error: unknown): void {
  console.error(describe(error));
}

/** What happened and where. Any other field of an error may hold a row, a query or a whole connection with its keys. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof EventsError && error.code === 'cannot-listen') return describeLost(error);
  const parts = [error.stack ?? error.message];
  if (error instanceof AggregateError) parts.push(...error.errors.map(describe));
  if (error.cause !== undefined) parts.push(`Caused by: ${describe(error.cause)}`);
  return parts.join('\n');
}

/** The database's doing, from which we recover: one line says all, and where in our code it was noticed says nothing. */
function describeLost({ message, cause }: EventsError): string {
  const reason = cause instanceof Error ? cause.message : '';
  return message.includes(reason) ? message : `${message} (${reason})`;
}
