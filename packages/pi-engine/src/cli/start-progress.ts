import { isatty } from 'node:tty';
import type { EngineProgress } from '@pi-jobs/core/engine';
import type { ComputeCommand } from './parse-arguments.ts';
import { ProgressBar } from './progress-bar.ts';

export interface ProgressDisplay {
  readonly show: (progress: EngineProgress) => void;
  readonly clear: () => void;
}

/** Below this a run is over before a bar could be read. */
const fewestDigits = 50_000;
const standardOutput = 1;
const standardError = 2;

/** A bar on standard error if that is a terminal and the digits do not go to one; else nothing. */
export function startProgress({ digitCount, out }: ComputeCommand): ProgressDisplay {
  const digitsAreSeen = out === undefined && isatty(standardOutput);
  if (digitCount < fewestDigits || digitsAreSeen || !isatty(standardError))
    return { show: () => {}, clear: () => {} };
  const bar = new ProgressBar(process.stderr);
  return { show: (progress) => bar.show(progress), clear: () => bar.clear() };
}
