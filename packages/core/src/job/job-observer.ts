import type { DigitJob, JobId } from './job.ts';
import { isTerminal, type JobState } from './job-state.ts';

const POLL_MS = 100;

type Listener<Job> = (job: Job) => void;

interface Watch<Job> {
  readonly listeners: Set<Listener<Job>>;
  readonly timer: NodeJS.Timeout;
  last: string;
  /** Answers of the store that were taken in. */
  answers: number;
}

/** Where an observer looks. */
export interface ObservableJobs<Job> {
  get(id: JobId): Promise<Job | undefined>;
}

/**
 * Tells of changes to jobs, whichever process caused them. However many listeners a job has, it is looked at once per tenth of a
 * second; a job without listeners is not looked at.
 */
export class JobObserver<Job extends { readonly state: JobState } = DigitJob> {
  readonly #jobs: ObservableJobs<Job>;
  readonly #pollMs: number;
  readonly #watches = new Map<JobId, Watch<Job>>();

  /** Looks at a watched job once in `pollMs`; a store that is far away is asked less often. */
  constructor(jobs: ObservableJobs<Job>, pollMs = POLL_MS) {
    this.#jobs = jobs;
    this.#pollMs = pollMs;
  }

  /** Calls `listener` after every change until the returned function is called. */
  subscribe(id: JobId, listener: Listener<Job>): () => void {
    const watch = this.#watches.get(id) ?? this.#startWatch(id);
    watch.listeners.add(listener);
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size > 0 || this.#watches.get(id) !== watch) return;
      clearInterval(watch.timer);
      this.#watches.delete(id);
    };
  }

  /**
   * The job as soon as `isReached` holds for it or it has ended, else as it is after `timeoutMs` or when `signal` fires.
   * Undefined when there is no such job.
   */
  async waitUntil(
    id: JobId,
    isReached: (job: Job) => boolean,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<Job | undefined> {
    const { signal } = options;
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        unsubscribe();
        signal?.removeEventListener('abort', done);
      };
      const done = (): void => {
        stop();
        resolve();
      };
      const fail = (error: unknown): void => {
        stop();
        reject(error);
      };
      const look = (job: Job): void => {
        try {
          if (isTerminal(job.state) || isReached(job)) done();
        } catch (error) {
          fail(error);
        }
      };
      const unsubscribe = this.subscribe(id, look);
      const timer = setTimeout(done, options.timeoutMs);
      signal?.addEventListener('abort', done);
      if (signal?.aborted) done();
      // What is so already is no change.
      this.#jobs.get(id).then((job) => (job === undefined ? done() : look(job)), fail);
    });
    return this.#jobs.get(id);
  }

  #startWatch(id: JobId): Watch<Job> {
    const watch: Watch<Job> = {
      listeners: new Set(),
      timer: setInterval(() => void this.#look(id, watch), this.#pollMs),
      last: '',
      answers: 0,
    };
    this.#watches.set(id, watch);
    return watch;
  }

  async #look(id: JobId, watch: Watch<Job>): Promise<void> {
    const { answers } = watch;
    // A look that fails (a volume that does not answer) is made again at the next turn.
    const job = await this.#jobs.get(id).catch(() => undefined);
    // On a slow store looks overlap: one that began before another was answered may have seen what was before that.
    if (job === undefined || watch.answers !== answers) return;
    watch.answers += 1;
    const text = JSON.stringify(job);
    if (text === watch.last) return;
    watch.last = text;
    for (const listener of [...watch.listeners]) tell(listener, job);
  }
}

/** A listener that throws is a defect, and its own: the others hear of the job all the same, now and later. */
function tell<Job>(listener: Listener<Job>, job: Job): void {
  try {
    listener(job);
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
