import { startThreadsEarly } from '@pi-jobs/bignum/threads';
import { mostSpigotDigits } from '../engine-names.ts';
import { availableThreads } from '../machine.ts';

/** No team takes more. */
const mostLikelyThreads = 64;

/**
 * Has threads start while the rest of the command is loaded, the parser of its arguments included: a guess at what they say. Threads
 * that turn out not to be wanted end with the process, and those that are missing are started later.
 */
export function startLikelyThreads(args: readonly string[]): void {
  const count = Number(args.find((arg) => /^\d+$/.test(arg)));
  const isOther = args.some((arg) => /^(-h$|--(engine|help|version))/.test(arg));
  if (isOther || !(count > mostSpigotDigits)) return;
  const threads = Number(args[args.indexOf('--threads') + 1] ?? Number.NaN);
  const wanted = args.includes('--threads') ? threads : availableThreads();
  if (Number.isSafeInteger(wanted)) startThreadsEarly(Math.min(wanted, mostLikelyThreads));
}
