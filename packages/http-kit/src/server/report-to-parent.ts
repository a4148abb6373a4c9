/**
 * Tells the process that started this one, over Node's IPC channel, where the service listens. When that process dies without a
 * word, the channel closes and `onOrphaned` is called: a service that was started as a child does not outlive its parent.
 * Does nothing in a process without such a channel.
 */
export function reportToParent(url: string, onOrphaned: () => void): void {
  if (process.send === undefined) return;
  process.send({ type: 'listening', url });
  process.once('disconnect', onOrphaned);
}
