import { type DigitEngine, type DigitRequest, EngineError } from '@pi-jobs/core/engine';
import { mostDigitsWithin } from './most-digits-within.ts';

/** Throws the signal's reason when it has fired, a `RangeError` for counts that make no sense, an `EngineError` for too little memory. */
export function checkRequest(engine: DigitEngine, request: DigitRequest): void {
  request.signal.throwIfAborted();
  requireInteger('digitCount', request.digitCount, 1);
  requireInteger('firstDigit', request.firstDigit, 0);
  requireInteger('threads', request.threads, 1);
  if (request.memoryBytes === undefined) return;
  const needed = engine.estimateMemoryBytes(request.digitCount, request.threads);
  if (needed > request.memoryBytes) {
    const most = mostDigitsWithin(engine, request.memoryBytes, request.threads);
    const need =
      needed === Number.MAX_SAFE_INTEGER
        ? 'more memory than the engine can address'
        : `about ${inMegabytes(needed)} MB of memory`;
    throw new EngineError(
      `${request.digitCount} digits need ${need} and ${inMegabytes(request.memoryBytes)} MB are there: ${most} digits would fit`,
    );
  }
}

function inMegabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

function requireInteger(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} must be an integer of at least ${least}, not ${value}`);
  }
}
