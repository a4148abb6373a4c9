import { parentPort, workerData } from 'node:worker_threads';
import { bellardSum } from './bellard-sum.ts';

/** Some hundredths of a second. */
const termsAtOnce = 20_000;

/** What a thread tells of some of its terms. */
export interface PartialSum {
  readonly sum: number;
  readonly terms: number;
}

const { position, from, to } = workerData as { position: number; from: number; to: number };
for (let next = from; next < to; next += termsAtOnce) {
  const terms = Math.min(termsAtOnce, to - next);
  const part: PartialSum = { sum: bellardSum(position, next, next + terms), terms };
  parentPort?.postMessage(part);
}
