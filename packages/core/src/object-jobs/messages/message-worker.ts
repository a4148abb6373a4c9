import { setTimeout as delay } from 'node:timers/promises';
import type { Message, MessageQueue } from '../../ports/message-queue.ts';
import { StopError } from '../../ports/work-queue.ts';
import { type JobMessage, parseJobMessage } from './job-message.ts';

/** What becomes of a message: its job needs no more of it, or it is to come again. */
export type Handling = 'done' | { readonly againInSeconds: number };

export interface MessageContext {
  /** Fires with a `StopError`: `shutdown`, or `lost` when the message is no longer this worker's. */
  readonly signal: AbortSignal;
  readonly attempt: number;
}

export interface MessageWorkerOptions {
  readonly queue: MessageQueue;
  /** Messages worked on at once. */
  readonly concurrency: number;
  /** How soon the message of a killed worker comes again; 8 by default. It is extended at every third of it. */
  readonly visibilitySeconds?: number;
  /** Must be right when it is done again. What it throws is told to `onError`, and the message comes again after a while. */
  readonly handle: (message: JobMessage, context: MessageContext) => Promise<Handling>;
  /** A message that was delivered too often without an end: what it asked for must be put down as failed. */
  readonly bury: (message: JobMessage) => Promise<void>;
  readonly onError: (error: unknown, what: string) => void;
  /** Called once a second while there is room for more messages; may send some. */
  readonly onRoom?: () => Promise<void>;
  /** How often dead letters are looked for, in milliseconds; 10,000 by default. */
  readonly deadLetterPollMs?: number;
}

const WAIT_SECONDS = 20;
const ROOM_POLL_MS = 1_000;
const DEAD_LETTER_POLL_MS = 10_000;
const LONGEST_BACKOFF_SECONDS = 30;

/**
 * Takes messages as long as it has room, keeps each for itself while its work goes on, and tells the queue how it ended. A worker that
 * is killed tells nothing: its messages come to others when their time is over.
 */
export class MessageWorker {
  readonly #options: MessageWorkerOptions;
  readonly #visibilitySeconds: number;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: MessageWorkerOptions) {
    this.#options = options;
    this.#visibilitySeconds = options.visibilitySeconds ?? 8;
  }

  /** Messages worked on now. */
  get running(): number {
    return this.#running.size;
  }

  start(): void {
    this.#loops = Promise.all([this.#takeMessages(), this.#tellOfRoom(), this.#buryDeadLetters()]);
  }

  /** What is under way is told to stop, and its messages are given back. Resolves when all is done. */
  async stop(): Promise<void> {
    this.#stop.abort(new StopError('shutdown'));
    await this.#loops;
    await Promise.all(this.#running);
  }

  async #takeMessages(): Promise<void> {
    const { queue, concurrency, onError } = this.#options;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; ) {
      if (this.#running.size >= concurrency) {
        await Promise.race(this.#running);
        continue;
      }
      try {
        const options = { visibilitySeconds: this.#visibilitySeconds, waitSeconds: WAIT_SECONDS, signal };
        const message = await queue.receive(options);
        if (message !== undefined) this.#run(message);
        failures = 0;
      } catch (error) {
        onError(error, 'receiving a message failed');
        failures += 1;
        await this.#pause(backoffSeconds(failures) * 1000);
      }
    }
  }

  #run(message: Message): void {
    const work = this.#work(message).catch((error: unknown) =>
      this.#options.onError(error, 'giving a message back failed; it comes again by itself'),
    );
    const run = work.finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #work(message: Message): Promise<void> {
    const parsed = parseJobMessage(message.body);
    if (parsed === undefined) {
      this.#options.onError(new Error('not a message of ours'), `message ${message.id} cannot be read`);
      await message.release(backoffSeconds(message.attempt));
      return;
    }
    const hold = new Hold(message, this.#visibilitySeconds);
    const signal = AbortSignal.any([this.#stop.signal, hold.signal]);
    const handling = await this.#handle(parsed, { signal, attempt: message.attempt });
    await hold.end();
    if (hold.signal.aborted) return;
    if (handling === 'done') await message.acknowledge();
    else await message.release(handling.againInSeconds);
  }

  async #handle(message: JobMessage, context: MessageContext): Promise<Handling> {
    try {
      return await this.#options.handle(message, context);
    } catch (error) {
      if (error instanceof StopError) return { againInSeconds: 0 };
      this.#options.onError(error, `working on ${message.kind} job ${message.job_id} failed`);
      return { againInSeconds: backoffSeconds(context.attempt) };
    }
  }

  async #tellOfRoom(): Promise<void> {
    const { concurrency, onRoom, onError } = this.#options;
    while (onRoom !== undefined && !this.#stop.signal.aborted) {
      if (this.#running.size < concurrency)
        await onRoom().catch((error: unknown) => onError(error, 'calling those who wait failed'));
      await this.#pause(ROOM_POLL_MS);
    }
  }

  async #buryDeadLetters(): Promise<void> {
    const { queue, bury, onError } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        const message = await queue.receiveDead({ visibilitySeconds: 60 });
        const parsed = message === undefined ? undefined : parseJobMessage(message.body);
        // A text that is none of ours stays there for people to look at.
        if (message !== undefined && parsed !== undefined) {
          await bury(parsed);
          await message.acknowledge();
          continue;
        }
      } catch (error) {
        onError(error, 'looking for dead letters failed');
      }
      await this.#pause(this.#options.deadLetterPollMs ?? DEAD_LETTER_POLL_MS);
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

/** Keeps a message for its receiver by extending its time, until `end` or until the message is somebody else's. */
class Hold {
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #extending: Promise<void> = Promise.resolve();

  constructor(message: Message, visibilitySeconds: number) {
    const turnMs = Math.ceil((visibilitySeconds * 1000) / 3);
    let heldUntil = performance.now() + visibilitySeconds * 1000;
    const extend = async (): Promise<void> => {
      const askedAt = performance.now();
      // A queue that does not answer is asked again at the next turn, which would wait for this answer, as long as there is time.
      const signal = AbortSignal.timeout(turnMs);
      const isHeld = await message.extend(visibilitySeconds, { signal }).catch(() => undefined);
      if (isHeld === true) heldUntil = askedAt + visibilitySeconds * 1000;
      if (isHeld === false || performance.now() > heldUntil) this.#lose();
    };
    this.#timer = setInterval(() => {
      this.#extending = this.#extending.then(extend);
    }, turnMs);
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Resolves when no extension is under way any more. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#extending;
  }

  #lose(): void {
    clearInterval(this.#timer);
    this.#lost.abort(new StopError('lost'));
  }
}

/** 1, 2, 4, ... seconds. */
export function backoffSeconds(attempt: number): number {
  return Math.min(LONGEST_BACKOFF_SECONDS, 2 ** Math.min(attempt - 1, 10));
}
