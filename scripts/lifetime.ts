/** Ends this process in order when the bootstrap that started it is killed without a chance to say so. */
export function endWithParent(): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // Listening alone must not keep us running.
  process.channel.unref();
}
