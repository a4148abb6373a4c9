import { startThreadsEarly } from '@pi-jobs/bignum/threads';
import { mostSpigotDigits } from '../engine-names.ts';
import { availableThreads } from '../machine.ts';
import type { ComputeCommand } from './parse-arguments.ts';

/** Has the threads start while the rest of the command is loaded, if its engine will be the one in WebAssembly. */
export function startThreads({ engine, digitCount, threads = availableThreads() }: ComputeCommand): void {
  if (engine === 'wasm' || (engine === 'auto' && digitCount > mostSpigotDigits)) startThreadsEarly(threads);
}
