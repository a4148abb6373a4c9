import { startThreadsEarly } from '@pi-jobs/bignum/threads';
import { mostSpigotDigits } from '../engine-names.ts';
import { availableThreads } from '../machine.ts';
import { chooseLeader } from '../wasm/choose-leader.ts';

/** No team takes more. */
const mostLikelyThreads = 64;

/**
 * Has threads start while the rest of the command is loaded, the parser of its arguments included: a guess at what they say. Threads
 * that turn out not to be wanted end with the process, and those that are missing are started later.
 */
export function startLikelyThreads(args: readonly string[]): void {
  startThreadsEarly(likelyThreads(args));
}

/** How many threads the run of the command will want: 0 when it needs none, or when the arguments are not understood at a glance. */
export function likelyThreads(args: readonly string[]): number {
  if (args.some((arg) => /^(-h$|--(engine|help|version))/.test(arg))) return 0;
  let threads = availableThreads();
  let digitCount = 0;
  for (let i = 0; i < args.length; i += 1) {
    const [name = '', value] = args[i]?.split('=', 2) ?? [];
    if (name === '--out' || name === '--threads') {
      const given = value ?? args[++i];
      if (name === '--threads') threads = Number(given);
    } else if (/^\d+$/.test(name)) digitCount = Number(name);
  }
  if (digitCount <= mostSpigotDigits || !Number.isSafeInteger(threads)) return 0;
  const workers = Math.min(threads, mostLikelyThreads);
  return chooseLeader(digitCount, true) === 'caller' ? Math.max(0, workers - 1) : workers;
}
