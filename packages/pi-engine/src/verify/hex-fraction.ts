import { Worker } from 'node:worker_threads';
import { EngineError } from '@pi-jobs/core/engine';
import { bellardSum, termsAtPosition } from './bellard-sum.ts';

const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './bellard-worker.ts' : './bellard-worker.js',
  import.meta.url,
);
/** So few terms take less time than the start of a thread. */
const termsInPlace = 20_000;

/**
 * 16^position * pi modulo 1 by Bellard's formula, right to about 2^-40; its first hexadecimal digits are those of pi that follow
 * `position` places after the point. Terms are shared out over `threads` threads.
 *
 * @throws the signal's reason when it fires; EngineError when a thread dies
 */
export async function hexFractionOfPi(
  position: number,
  { threads, signal }: { threads: number; signal: AbortSignal },
): Promise<number> {
  signal.throwIfAborted();
  const terms = termsAtPosition(position);
  if (terms <= termsInPlace) return bellardSum(position, 0, terms);

  const shares = Array.from({ length: threads + 1 }, (_, i) => Math.round((terms * i) / threads));
  const stop = new AbortController();
  try {
    const eitherSignal = AbortSignal.any([signal, stop.signal]);
    const sums = await Promise.all(
      shares.slice(1).map((to, i) => sumInThread({ position, from: shares[i] ?? 0, to }, eitherSignal)),
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
): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { workerData: share });
    signal.addEventListener('abort', () => {
      reject(signal.reason);
      void worker.terminate();
    });
    worker.on('message', resolve);
    worker.on('error', (cause) => reject(new EngineError('a verification thread died', { cause })));
    worker.on('exit', (code) => reject(new EngineError(`a verification thread ended with code ${code}`)));
  });
}
