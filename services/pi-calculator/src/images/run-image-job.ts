import { backoffSeconds, type Handling, isStorageCondition, StopError } from '@pi-jobs/core';
import {
  CONTENT_TYPES,
  IMAGE_TYPES,
  type ImageEngine,
  ImageError,
  type ImageResult,
  operationsSchema,
} from '@pi-jobs/image-engine';
import type { ImageClaim, ImageFacts } from '@pi-jobs/image-jobs';
import type { Logger } from 'pino';
import type { Scratch, ScratchFiles } from './scratch-files.ts';

const OWNERSHIP_CHECK_MS = 1_000;

export type ImageEnd = 'completed' | 'failed' | 'stopped' | 'again';

export interface ImageRunContext {
  readonly engine: Pick<ImageEngine, 'processImage'>;
  readonly scratch: ScratchFiles;
  /** Fires with a `StopError` when the message is lost or the service stops. */
  readonly signal: AbortSignal;
  /** Which delivery of its message this is: the pause before the next grows with it. */
  readonly attempt: number;
  readonly log: Logger;
}

export interface ImageRun {
  readonly end: ImageEnd;
  readonly handling: Handling;
}

/** Works on one image until there is a result, or until somebody says stop; always ends the claim. */
export async function runImageJob(claim: ImageClaim, context: ImageRunContext): Promise<ImageRun> {
  using ownership = watchOwnership(claim);
  const signal = AbortSignal.any([context.signal, ownership.signal]);
  try {
    return await context.scratch.use((files) => transform(claim, files, { ...context, signal }));
  } catch (error) {
    return endAfterError(claim, error, context);
  }
}

async function transform(
  claim: ImageClaim,
  { inputPath, outputPath }: Scratch,
  context: ImageRunContext,
): Promise<ImageRun> {
  const { engine, signal, log } = context;
  if (!(await claim.copyInputTo(inputPath, signal))) {
    return ended(await claim.fail('the image is not in the store'), 'failed');
  }
  const { operations, input } = claim.job;
  // Found when the job was made, by the very bytes that are there now.
  const type = IMAGE_TYPES.find((name) => CONTENT_TYPES[name] === input.contentType);
  const result = await engine.processImage({
    inputPath,
    outputPath,
    ...(type === undefined ? {} : { type }),
    operations: operations === null ? undefined : operationsSchema.parse(operations),
    logLevel: log.level,
    signal,
  });
  if (result.description !== undefined) log.debug({ image: result.description }, 'the image, as it came');
  const completed = await claim.complete({ filePath: outputPath }, factsOf(result));
  return ended(completed, 'completed');
}

function factsOf({ contentType, bytes, width, height, frames }: ImageResult): ImageFacts {
  return { contentType, bytes, width, height, frames };
}

async function endAfterError(
  claim: ImageClaim,
  error: unknown,
  { attempt, log }: ImageRunContext,
): Promise<ImageRun> {
  if (error instanceof StopError) {
    if (error.reason === 'terminate') return { end: 'stopped', handling: 'done' };
    await claim.giveBack({ isAttempt: false });
    return { end: 'stopped', handling: { againInSeconds: 0 } };
  }
  if (error instanceof ImageError && !error.retryable) {
    log.info({ code: error.code, err: error.cause }, error.message);
    return ended(await claim.fail(error.message), 'failed');
  }
  log.warn({ err: error }, 'the image could not be worked on; it is tried again');
  const isClosed = error instanceof ImageError && error.code === 'IMAGE_ENGINE_CLOSED';
  // A disk that is full or a store that does not answer is not the image's fault.
  await claim.giveBack({ isAttempt: !isClosed && !isStorageCondition(error) });
  return { end: 'again', handling: { againInSeconds: backoffSeconds(attempt) } };
}

/** A claim that was lost before its last step: a client ended the job, or another worker has it. */
function ended(isEnded: boolean, end: ImageEnd): ImageRun {
  return { end: isEnded ? end : 'stopped', handling: 'done' };
}

/** Fires with a `StopError` soon after the job has become somebody else's, so that no more is spent on it. */
function watchOwnership(claim: ImageClaim): Disposable & { readonly signal: AbortSignal } {
  const stop = new AbortController();
  const look = async (): Promise<void> => {
    // A store that does not answer is asked again at the next turn.
    const isMine = await claim.isMine().catch(() => true);
    if (!isMine) stop.abort(new StopError('terminate'));
  };
  const timer = setInterval(() => void look(), OWNERSHIP_CHECK_MS);
  return { signal: stop.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
