import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { identifyImage } from '../identify/identify-image.ts';
import { ImageError } from '../image-error.ts';
import { DEFAULT_IMAGE_LIMITS, type ImageLimits } from '../image-limits.ts';
import { CONTENT_TYPES, type ImageType } from '../image-type.ts';
import type { Operation } from '../operations.ts';
import { ChildPool } from './child-pool.ts';
import type { DoneReply, ImageDescription, JobMessage } from './job-protocol.ts';
import { SlotQueue } from './slot-queue.ts';

export interface ImageEngineOptions {
  /** Images worked on at once, each in a process of its own; at least 1, the number of cores by default. */
  readonly slots?: number;
  /** Threads of libvips in each process; by default the cores divided among the slots, at least 1. */
  readonly threads?: number;
  /** Images after which a process is replaced; at least 1, 500 by default. */
  readonly maxJobsPerChild?: number;
  /** Resident bytes of an idle process beyond which it is replaced; 256 MiB by default. */
  readonly recycleRssBytes?: number;
}

export interface ImageRequest {
  readonly inputPath: string;
  /** Where the result goes; replaced if it is there. Its folder must exist and hold the result under another name meanwhile. */
  readonly outputPath: string;
  /** What `identifyImage` has found the input to be; looked at again when it is left out. */
  readonly type?: ImageType;
  /** As `parseOperations` gives them; without them the longer side becomes 512 pixels, never enlarged. */
  readonly operations?: readonly Operation[] | undefined;
  /** Those left out have their defaults. */
  readonly limits?: Partial<ImageLimits>;
  readonly signal?: AbortSignal;
  /** At `debug` and `trace` the result has a description of the input for the log. */
  readonly logLevel?: string;
}

export interface ImageResult {
  readonly format: ImageType;
  readonly contentType: string;
  /** Pixels of one frame. */
  readonly width: number;
  readonly height: number;
  /** 1 for a still image. */
  readonly frames: number;
  readonly bytes: number;
  /** From when a process took the image to its result's being in place. */
  readonly durationMs: number;
  readonly description?: ImageDescription;
}

/**
 * Images in, images out, each in a child process that can be killed. Nothing is decoded in the caller's process, and sharp is not even
 * loaded there. A child stays for the next image; one that was killed, crashed, or grew is replaced.
 */
export class ImageEngine implements AsyncDisposable {
  readonly #slots: SlotQueue;
  readonly #children: ChildPool;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: ImageEngineOptions = {}) {
    const slots = options.slots ?? availableParallelism();
    this.#slots = new SlotQueue(slots);
    this.#children = new ChildPool({
      threads: options.threads ?? Math.max(1, Math.floor(availableParallelism() / slots)),
      maxJobsPerChild: options.maxJobsPerChild ?? 500,
      recycleRssBytes: options.recycleRssBytes ?? 256 * 1024 * 1024,
    });
  }

  /** Ids of the child processes, those at work first. */
  get pids(): number[] {
    return this.#children.pids;
  }

  /**
   * Applies the operations and puts the result at `outputPath`, whole or not at all: it is written beside it as
   * `<outputPath>.<uuid>.partial` and renamed. Whether it survives a loss of power is the caller's store to see to.
   *
   * @throws ImageError; the signal's reason when that fires; errors of the file system as they come. None leaves a file behind.
   */
  async processImage(request: ImageRequest): Promise<ImageResult> {
    const work = this.#process(request);
    this.#running.add(work);
    return await work.finally(() => this.#running.delete(work));
  }

  /** Ends all processes; what is under way or waits fails with `IMAGE_ENGINE_CLOSED`. */
  async close(): Promise<void> {
    this.#closing.abort(new ImageError('IMAGE_ENGINE_CLOSED', 'The image engine is closed.'));
    await Promise.allSettled(this.#running);
    await this.#children.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #process({
    inputPath,
    outputPath,
    operations,
    logLevel,
    ...request
  }: ImageRequest): Promise<ImageResult> {
    const limits = { ...DEFAULT_IMAGE_LIMITS, ...request.limits };
    const signal = AbortSignal.any([this.#closing.signal, ...(request.signal ? [request.signal] : [])]);
    signal.throwIfAborted();
    const type = request.type ?? (await identifyImage(inputPath, limits)).type;
    using _slot = await this.#slots.acquire(signal);
    const partialPath = `${outputPath}.${randomUUID()}.partial`;
    const describe = logLevel === 'debug' || logLevel === 'trace';
    const startedAt = performance.now();
    try {
      closeSync(openSync(partialPath, 'wx'));
      const job = { inputPath, outputPath: partialPath, type, operations, limits, describe };
      const { format, width, height, frames, description } = await this.#runInChild(job, signal);
      const bytes = measureResult(partialPath, limits.maxOutputBytes);
      renameSync(partialPath, outputPath);
      const durationMs = performance.now() - startedAt;
      const contentType = CONTENT_TYPES[format];
      return {
        format,
        contentType,
        width,
        height,
        frames,
        bytes,
        durationMs,
        ...(description && { description }),
      };
    } catch (error) {
      await rm(partialPath, { force: true });
      throw error;
    }
  }

  async #runInChild(job: JobMessage, signal: AbortSignal): Promise<DoneReply> {
    const child = this.#children.take();
    try {
      return await child.run(job, signal);
    } finally {
      await this.#children.giveBack(child);
    }
  }
}

function measureResult(path: string, maxOutputBytes: number): number {
  const { size } = statSync(path);
  if (size <= maxOutputBytes) return size;
  throw new ImageError(
    'IMAGE_TOO_LARGE',
    `The result has ${size} bytes, at most ${maxOutputBytes} are kept.`,
  );
}
