import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, unlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoCode, ignoreStorageCondition } from '../../files/errno.ts';
import { makeFolders } from '../../files/make-folders.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import type { Message, MessageQueue, ReceiveOptions } from '../../ports/message-queue.ts';

const POLL_MS = 50;
/** A message on its way that nobody has written for an hour was left by a process that was killed. */
const STRAY_MS = 3600 * 1000;
const NAME = /^(\d{15})-(\d{15}-[0-9a-f-]{36})-(\d{1,9})$/;

interface Entry {
  /** Milliseconds since 1970 from which on anybody may take it. */
  readonly visibleAt: number;
  /** When it was sent, and a UUID. */
  readonly id: string;
  readonly attempt: number;
}

/**
 * Messages as files, whose names say everything that changes: `<visible at, ms>-<sent at, ms>-<uuid>-<deliveries>`. To take one is to
 * rename it to a time in the future; of those who try at once the kernel lets one succeed. Extending, releasing and acknowledging
 * rename or remove the name that the receiver holds, and fail with ENOENT when somebody else has taken it since. Nothing waits for a
 * lock, and a receiver that is killed leaves a name that comes due by itself.
 *
 *     queue/waiting/   messages that wait or are being worked on
 *     queue/dead/      messages delivered `maxAttempts` times without an end
 *     queue/temporary/ messages on their way; what is an hour old goes when a process starts
 *
 * Clocks of several machines must agree within the visibility time; one that is wrong costs a delivery too many.
 */
export class FileMessageQueue implements MessageQueue {
  readonly #waiting: string;
  readonly #dead: string;
  readonly #temporary: string;
  readonly #maxAttempts: number;
  #lastSentAt = 0;

  private constructor(dataDir: string, maxAttempts: number) {
    this.#waiting = `${dataDir}/queue/waiting`;
    this.#dead = `${dataDir}/queue/dead`;
    this.#temporary = `${dataDir}/queue/temporary`;
    this.#maxAttempts = maxAttempts;
  }

  /** `maxAttempts`: deliveries after which a message becomes a dead letter, 100 by default. */
  static async open(
    dataDir: string,
    options: { readonly maxAttempts?: number } = {},
  ): Promise<FileMessageQueue> {
    const queue = new FileMessageQueue(dataDir, options.maxAttempts ?? 100);
    for (const folder of [queue.#waiting, queue.#dead, queue.#temporary]) await makeFolders(folder);
    await sweepFolder(queue.#temporary, STRAY_MS).catch(ignoreStorageCondition);
    return queue;
  }

  async send(body: string): Promise<void> {
    const now = Date.now();
    // Of two messages of this process within one millisecond the first goes first.
    this.#lastSentAt = Math.max(now, this.#lastSentAt + 1);
    const entry: Entry = { visibleAt: now, id: `${digits(this.#lastSentAt)}-${randomUUID()}`, attempt: 0 };
    await replaceFile(`${this.#waiting}/${nameOf(entry)}`, body, {
      temporaryFolder: this.#temporary,
      durable: true,
    });
  }

  async receive(options: ReceiveOptions): Promise<Message | undefined> {
    return this.#poll(this.#waiting, options);
  }

  async receiveDead(options: ReceiveOptions): Promise<Message | undefined> {
    return this.#poll(this.#dead, options);
  }

  async #poll(folder: string, options: ReceiveOptions): Promise<Message | undefined> {
    const { visibilitySeconds, waitSeconds = 0, signal } = options;
    const deadline = performance.now() + waitSeconds * 1000;
    while (signal?.aborted !== true) {
      const message = await this.#takeFirst(folder, visibilitySeconds);
      if (message !== undefined) return message;
      if (performance.now() >= deadline) return undefined;
      await delay(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
    return undefined;
  }

  async #takeFirst(folder: string, visibilitySeconds: number): Promise<Message | undefined> {
    const now = Date.now();
    const due = (await readdir(folder))
      .flatMap((name) => parseName(name) ?? [])
      .filter(({ visibleAt }) => visibleAt <= now)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const entry of due) {
      const message = this.#take(folder, entry, visibilitySeconds);
      if (message !== undefined) return message;
    }
    return undefined;
  }

  /** Undefined when somebody else was faster, or when the message had its last chance. */
  #take(folder: string, entry: Entry, visibilitySeconds: number): Message | undefined {
    if (folder === this.#waiting && entry.attempt >= this.#maxAttempts) {
      const dead = nameOf({ ...entry, attempt: 0 });
      isDone(() => renameSync(`${folder}/${nameOf(entry)}`, `${this.#dead}/${dead}`));
      return undefined;
    }
    const taken = { ...entry, attempt: entry.attempt + 1, visibleAt: Date.now() + visibilitySeconds * 1000 };
    const path = `${folder}/${nameOf(taken)}`;
    let body = '';
    const isTaken = isDone(() => {
      renameSync(`${folder}/${nameOf(entry)}`, path);
      body = readFileSync(path, 'utf8');
    });
    return isTaken ? new FileMessage(folder, taken, body) : undefined;
  }
}

class FileMessage implements Message {
  readonly id: string;
  readonly body: string;
  readonly attempt: number;
  readonly #folder: string;
  /** The name that this delivery gave the message: as long as it is there the message is this receiver's. */
  #entry: Entry;

  constructor(folder: string, entry: Entry, body: string) {
    this.#folder = folder;
    this.#entry = entry;
    this.id = entry.id;
    this.body = body;
    this.attempt = entry.attempt;
  }

  async extend(seconds: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return this.#move(Date.now() + seconds * 1000);
  }

  async acknowledge(): Promise<boolean> {
    return isDone(() => unlinkSync(`${this.#folder}/${nameOf(this.#entry)}`));
  }

  async release(delaySeconds = 0): Promise<boolean> {
    return this.#move(Date.now() + delaySeconds * 1000);
  }

  async #move(visibleAt: number): Promise<boolean> {
    const moved = { ...this.#entry, visibleAt: Math.round(visibleAt) };
    const from = `${this.#folder}/${nameOf(this.#entry)}`;
    if (!isDone(() => renameSync(from, `${this.#folder}/${nameOf(moved)}`))) return false;
    this.#entry = moved;
    return true;
  }
}

/** False when the file was not there. Each of these steps takes a fraction of what a trip through the thread pool would. */
function isDone(step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function digits(milliseconds: number): string {
  return String(Math.round(milliseconds)).padStart(15, '0');
}

function nameOf({ visibleAt, id, attempt }: Entry): string {
  return `${digits(visibleAt)}-${id}-${attempt}`;
}

/** Undefined for a file that is no message. */
function parseName(name: string): Entry | undefined {
  const [, visibleAt, id, attempt] = NAME.exec(name) ?? [];
  if (id === undefined) return undefined;
  return { visibleAt: Number(visibleAt), id, attempt: Number(attempt) };
}
