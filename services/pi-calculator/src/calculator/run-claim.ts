import {
  type ClaimedJob,
  type DigitEngine,
  EngineError,
  type EngineReport,
  isStorageCondition,
  StopError,
} from '@pi-jobs/core';
import type { Logger } from 'pino';

/** `storage`: the job waits because the volume cannot take more just now. */
export type ClaimEnd = 'completed' | 'failed' | 'stopped' | 'lost' | 'storage';

export interface RunContext {
  readonly engine: DigitEngine;
  readonly threads: number;
  readonly memoryBytes: number;
  /** Fires with a `StopError` when this calculator stops. */
  readonly shutdown: AbortSignal;
  readonly log: Logger;
}

/** Works on one claimed job until it is done, or until somebody says stop; always ends the claim. */
export async function runClaim(claim: ClaimedJob, context: RunContext): Promise<ClaimEnd> {
  const suspend = AbortSignal.any([claim.signal, context.shutdown]);
  try {
    const report = (await copyKnownDigits(claim, suspend)) ?? (await computeDigits(claim, context, suspend));
    return (await claim.complete(report)) ? 'completed' : 'lost';
  } catch (error) {
    return endAfterError(claim, error, context.log);
  }
}

/** Digits that the volume has already are copied; undefined when it has not enough. */
async function copyKnownDigits(claim: ClaimedJob, signal: AbortSignal): Promise<EngineReport | undefined> {
  if (claim.verify) return undefined;
  const known = claim.knownDigits();
  if (known === undefined) return undefined;
  const startedAt = performance.now();
  let digits = claim.digitsThere;
  for await (const chunk of known) {
    signal.throwIfAborted();
    await claim.appendDigits(chunk);
    digits += chunk.length;
    claim.reportProgress({ phase: 'copying', fraction: digits / claim.num });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { engine: 'copy', version: '1', threads: 1, phaseSeconds: { copying: seconds } };
}

async function computeDigits(
  claim: ClaimedJob,
  { engine, threads, memoryBytes }: RunContext,
  suspend: AbortSignal,
): Promise<EngineReport> {
  return engine.compute({
    digitCount: claim.num,
    firstDigit: claim.digitsThere,
    threads,
    memoryBytes,
    // What a pause or the end of this calculator leaves behind is kept; nothing is, once nobody wants it.
    signal: claim.discard,
    suspend,
    onDigits: (digits) => claim.appendDigits(digits),
    onProgress: (progress) => claim.reportProgress(progress),
    checkpoints: claim.checkpoints,
    verify: claim.verify,
  });
}

async function endAfterError(claim: ClaimedJob, error: unknown, log: Logger): Promise<ClaimEnd> {
  if (error instanceof StopError) {
    const settled = await claim.settle();
    return settled ? 'stopped' : 'lost';
  }
  if (isStorageCondition(error)) {
    log.warn({ err: error }, 'the volume cannot take the digits; the job waits');
    // The record may not find room either: then the job stays ours by name and is taken up again.
    await claim.settle('waits for the storage').catch(() => false);
    return 'storage';
  }
  log.error({ err: error }, 'job failed');
  await claim.fail(error instanceof EngineError ? error.message : 'internal error in the digit engine');
  return 'failed';
}
