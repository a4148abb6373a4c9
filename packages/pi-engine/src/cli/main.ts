#!/usr/bin/env node
import { quickRun } from './quick-run.ts';
import { startLikelyThreads } from './start-threads.ts';

/**
 * The command. Small counts in the plain form take a path of their own: loading the modules that all other runs need takes longer
 * than a thousand digits do. In the other runs threads start before anything else is loaded.
 */
const mostQuickDigits = 10_000;
const signalExitCodes = 128;

async function main(args: readonly string[]): Promise<number> {
  const quick = quickArguments(args);
  if (quick !== undefined) return quickRun(quick.digitCount, quick.out);
  startLikelyThreads(args);
  return (await import('./run-command.ts')).runCommand(args);
}

/** `N` or `N --out FILE` with a small N; anything else, right or wrong, is for the full parser. */
function quickArguments(
  args: readonly string[],
): { digitCount: number; out: string | undefined } | undefined {
  const [count = '', option, out] = args;
  const isPlain =
    args.length === 1 || (args.length === 3 && option === '--out' && out !== '' && !out?.startsWith('-'));
  if (!isPlain || !/^[1-9]\d{0,4}$/.test(count) || Number(count) > mostQuickDigits) return undefined;
  return { digitCount: Number(count), out };
}

try {
  const exitCode = await main(process.argv.slice(2));
  process.exitCode = exitCode;
  // After a signal nobody may be left to take what standard output still holds.
  if (exitCode > signalExitCodes) process.exit();
} catch (error) {
  const isUsage = error instanceof Error && error.name === 'UsageError';
  process.stderr.write(`pi-digits: ${explain(error)}\n${isUsage ? 'Try --help.\n' : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}

/** What went wrong, and with an engine also what caused it, on one line. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isEngineError = error.name === 'EngineError' && error.cause !== undefined;
  return isEngineError ? `${error.message}: ${explain(error.cause)}` : error.message;
}
