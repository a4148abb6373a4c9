/**
 * Tells the process that started this one, over Node's IPC channel, where the service listens; `stopOnSignals` sees to it that the
 * service does not outlive that process. Does nothing in a process without such a channel.
 */
export function reportToParent(url: string): void {
  // A channel that is closed by now says so by itself.
  process.send?.({ type: 'listening', url }, () => undefined);
}
