/** `disconnect`: the process that started this one over an IPC channel is gone. */
const signals = ['SIGTERM', 'SIGINT', 'disconnect'] as const;

/** While a service starts there is nothing to finish: a signal, or the end of its parent, ends it at once, and cleanly. */
export function exitOnEarlySignal(): void {
  for (const signal of signals) process.on(signal, exitCleanly);
  if (process.send !== undefined && !process.connected) exitCleanly();
}

/** From now on somebody else handles the signals. */
export function endEarlySignals(): void {
  for (const signal of signals) process.off(signal, exitCleanly);
}

function exitCleanly(): void {
  process.exit(0);
}
