import { ConfigError } from '../environment/config-error.ts';
import { exitOnEarlySignal } from './early-signals.ts';
import { StartError } from './start-error.ts';

/**
 * Runs a service's main. A start that fails ends the process with exit code 1 and, where the reason is one that the user can
 * mend, one line on standard error; the stack only where it is a defect.
 */
export async function runService(name: string, main: () => Promise<unknown>): Promise<void> {
  exitOnEarlySignal();
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${name} cannot start: ${startFailure(error)}\n`);
    process.exit(1);
  }
}

function startFailure(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartError) return error.message;
  if (!(error instanceof Error)) return String(error);
  return (error as NodeJS.ErrnoException).code === undefined ? (error.stack ?? error.message) : error.message;
}
