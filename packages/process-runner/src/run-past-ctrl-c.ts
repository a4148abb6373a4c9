import type { LineSink, ProgramOutcome } from './program-runner.ts';
import { type ProgramCall, runProgram } from './run-program.ts';

/** A program is in a group of its own before it has run for so long, in milliseconds. */
const startMs = 1_000;

/**
 * Runs a program, a second time where a Ctrl-C seems to have met the first between its fork and its own process group: the kernel
 * keeps such a signal pending, and it ends the program before its first instruction.
 */
export async function runPastCtrlC(call: ProgramCall, onLine: LineSink): Promise<ProgramOutcome> {
  const startedAt = performance.now();
  let hasOutput = false;
  const outcome = await runProgram(call, (line) => {
    hasOutput = true;
    return onLine(line);
  });
  const wasMetAtStart =
    outcome.reason === 'killed' &&
    (outcome.signal === 'SIGINT' || outcome.signal === 'SIGTERM') &&
    outcome.stderr === '' &&
    !hasOutput &&
    performance.now() - startedAt < startMs;
  return wasMetAtStart ? runProgram(call, onLine) : outcome;
}
