import { Worker } from 'node:worker_threads';
import { EngineError } from '@pi-jobs/core/engine';
import { bellardSum, termsAtPosition } from './bellard-sum.ts';
import type { PartialSum } from './bellard-worker.ts';

const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './bellard-worker.ts' : './bellard-worker.js',
  import.meta.url,
);
/** So few terms take less time than the start of a thread. */
const termsInPlace = 20_000;

export interface HexFractionOptions {
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Told the share of the work that is done, again and again where it takes threads. */
  readonly onShare?: (share: number) => void;
}

/**
 * 16^position * pi modulo 1 by Bellard's formula, right to about 2^-40; its first hexadecimal digits are those of pi that follow
 * `position` places after the point. Terms are shared out over `threads` threads.
 *
 * @throws the signal's reason when it fires; EngineError when a thread dies
 */
export async function hexFractionOfPi(
  position: number,
  { threads, signal, onShare }: HexFractionOptions,
): Promise<number> {
  signal.throwIfAborted();
  const terms = termsAtPosition(position);
  if (terms <= termsInPlace) return bellardSum(position, 0, terms);

  const shares = Array.from({ length: threads + 1 }, (_, i) => Math.round((terms * i) / threads));
  const stop = new AbortController();
  let done = 0;
  const onTerms = (more: number): void => {
    done += more;
    onShare?.(done / terms);
  };
  try {
    const eitherSignal = AbortSignal.any([signal, stop.signal]);
    const sums = await Promise.all(
      shares
        .slice(1)
        .map((to, i) => sumInThread({ position, from: shares[i] ?? 0, to }, eitherSignal, onTerms)),
    );
    const sum = sums.reduce((a, b) => a + b, 0);
    return sum - Math.floor(sum);
  } finally {
    stop.abort();
  }
}

function sumInThread(
  share: { position: number; from: number; to: number },
  signal: AbortSignal,
  onTerms: (more: number) => void,
): Promise<number> {
  let sum = 0;
  let left = share.to - share.from;
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { workerData: share });
    signal.addEventListener('abort', () => {
      reject(signal.reason);
      void worker.terminate();
    });
    worker.on('message', (part: PartialSum) => {
      sum = (sum + part.sum) % 1;
      left -= part.terms;
      onTerms(part.terms);
      if (left === 0) resolve(sum);
    });
    worker.on('error', (cause) => reject(new EngineError('a verification thread died', { cause })));
    worker.on('exit', (code) => reject(new EngineError(`a verification thread ended with code ${code}`)));
  });
}
