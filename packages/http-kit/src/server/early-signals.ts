const signals = ['SIGTERM', 'SIGINT'] as const;

/** While a service starts there is nothing to finish: a signal ends it at once, and cleanly. */
export function exitOnEarlySignal(): void {
  for (const signal of signals) process.on(signal, exitCleanly);
}

/** From now on somebody else handles the signals. */
export function endEarlySignals(): void {
  for (const signal of signals) process.off(signal, exitCleanly);
}

function exitCleanly(): void {
  process.exit(0);
}
