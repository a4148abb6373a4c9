import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ImageError } from '../image-error.ts';
import { type DoneReply, type JobMessage, type Reply, replySchema } from './job-protocol.ts';

/** The child's own code beside this file: TypeScript in the sources, JavaScript in what is built of them. */
const CHILD_MAIN = new URL(`../child/child-main${extname(import.meta.url)}`, import.meta.url);

/** JavaScript hardly needs memory there; the pixels are libvips' and watched by resident size. */
const EXEC_ARGV = ['--max-old-space-size=128'];

/** All the environment the child gets: none of the service's secrets, few malloc arenas, no temporary files for large images. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2', VIPS_DISC_THRESHOLD: '1000g' };

const START_TIMEOUT_MS = 30_000;
const NOT_STARTED = new ImageError(
  'IMAGE_PROCESS_DIED',
  `The image process did not start within ${START_TIMEOUT_MS / 1000} s.`,
);
const STDERR_CHARACTERS = 1_000;

/**
 * One child process that does one image at a time. Whatever ends a job before its time (signal, timeout, memory, nonsense for an
 * answer) ends the child with SIGKILL, and the job is settled only when the child is gone.
 */
export class ImageChild {
  jobsDone = 0;
  rssBytes = 0;
  readonly #process: ChildProcess;
  readonly #ready: Promise<Reply>;
  readonly #exited: Promise<unknown>;
  #stderr = '';

  constructor(threads: number) {
    this.#process = fork(fileURLToPath(CHILD_MAIN), [String(threads)], {
      execArgv: EXEC_ARGV,
      env: ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.on('error', (error) => {
      this.#stderr = error.message;
    });
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_CHARACTERS);
    });
    if (this.#process.stderr instanceof Socket) this.#process.stderr.unref();
    this.#exited = this.#process.pid === undefined ? Promise.resolve() : once(this.#process, 'exit');
    this.#ready = this.#nextReply(START_TIMEOUT_MS, NOT_STARTED);
    this.#ready.catch(() => {});
    this.#keepParentAlive(false);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isAlive(): boolean {
    return this.#process.connected && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** @throws ImageError; the signal's reason when that fires. */
  async run(job: JobMessage, signal: AbortSignal): Promise<DoneReply> {
    this.#keepParentAlive(true);
    try {
      const reply = await unlessAborted(this.#ask(job), signal);
      this.jobsDone += 1;
      this.rssBytes = reply.rssBytes;
      if (reply.kind === 'failed') throw new ImageError(reply.code, reply.message);
      return reply;
    } catch (error) {
      if (!(error instanceof ImageError) || FATAL.has(error.code)) await this.kill();
      throw error;
    } finally {
      this.#keepParentAlive(false);
    }
  }

  /** Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#keepParentAlive(true);
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  async #ask(job: JobMessage): Promise<Exclude<Reply, { kind: 'ready' }>> {
    await this.#ready;
    const { timeoutMs } = job.limits;
    const late = new ImageError('IMAGE_TIMEOUT', `The image took longer than ${timeoutMs / 1000} s.`);
    const next = this.#nextReply(timeoutMs, late);
    this.#process.send(job, (error) => {
      if (error) this.#process.kill('SIGKILL');
    });
    const reply = await next;
    if (reply.kind !== 'ready') return reply;
    throw new ImageError('IMAGE_PROCESS_DIED', 'The image process answered out of turn.');
  }

  #nextReply(timeoutMs: number, late: ImageError): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const onMessage = (message: unknown): void => {
      const reply = replySchema.safeParse(message);
      if (reply.success) resolve(reply.data);
      else reject(nonsense(reply.error));
    };
    const onEnd = (): void => reject(this.#diedError());
    const timer = setTimeout(() => reject(late), timeoutMs).unref();
    this.#process.once('message', onMessage).once('exit', onEnd).once('error', onEnd);
    if (!this.isAlive) onEnd();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#process.off('message', onMessage).off('exit', onEnd).off('error', onEnd);
    });
  }

  #diedError(): ImageError {
    const { exitCode, signalCode } = this.#process;
    const how = signalCode ? `by ${signalCode}` : `with code ${exitCode ?? 'unknown'}`;
    const cause = this.#stderr ? new Error(this.#stderr) : undefined;
    return new ImageError('IMAGE_PROCESS_DIED', `The image process ended ${how} before it was done.`, {
      cause,
    });
  }

  /** An idle child must not hold up the end of its parent; a busy one must. */
  #keepParentAlive(keep: boolean): void {
    for (const handle of [this.#process, this.#process.channel]) {
      if (keep) handle?.ref();
      else handle?.unref();
    }
  }
}

/** Failures after which the child is not to be trusted with another image. */
const FATAL: ReadonlySet<string> = new Set(['IMAGE_TIMEOUT', 'IMAGE_OUT_OF_MEMORY', 'IMAGE_PROCESS_DIED']);

function nonsense(cause: unknown): ImageError {
  return new ImageError('IMAGE_PROCESS_DIED', 'The image process answered nonsense.', { cause });
}

/** The promise's outcome, or the signal's reason should that fire first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
