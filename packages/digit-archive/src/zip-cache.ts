import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { type Digits, ifPresent, ignoreStorageCondition, type JobId, sweepFolder } from '@pi-jobs/core';
import { z } from 'zod';
import { zipDigits } from './zip-digits.ts';

/** Its name ends with a random id, and nobody has written it for this long: left by a process that was killed. */
const STRAY_NAME = /\.zip\.[0-9a-f-]{36}(\.json)?$/;
const STRAY_FILE_MS = 3600 * 1000;

const factsSchema = z.object({ sha256: z.string(), bytes: z.int() });

export interface ZipFile {
  readonly path: string;
  /** SHA-256 of the archive, base64. */
  readonly sha256: string;
}

interface Making {
  readonly made: Promise<ZipFile>;
  readonly cancel: AbortController;
  waiting: number;
}

/**
 * The archives of complete results, each made at its first request and kept. Requests that come meanwhile wait for the same one;
 * when all of them have gone away it is given up.
 *
 *     N.num.zip.json   SHA-256 and size of the archive, written first
 *     N.num.zip        the archive, by rename: it is there, it is whole
 *
 * What does not fit together, as after a disk's fault or half a restore, is made again.
 */
export class ZipCache {
  readonly #folder: string;
  readonly #making = new Map<JobId, Making>();
  #isSwept = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rejects with the signal's reason when the client goes away first, or with the storage's error. */
  async get(id: JobId, digits: Digits, signal: AbortSignal): Promise<ZipFile> {
    const path = `${this.#folder}/${id}.${digits.num}.zip`;
    const kept = await readKept(path);
    if (kept !== undefined) return kept;
    const making = this.#making.get(id) ?? this.#start(id, digits, path);
    making.waiting += 1;
    try {
      return await Promise.race([making.made, rejectOn(signal)]);
    } finally {
      making.waiting -= 1;
      if (making.waiting === 0) this.#giveUp(id, making);
    }
  }

  #start(id: JobId, digits: Digits, path: string): Making {
    const cancel = new AbortController();
    const made = this.#make(id, digits, path, cancel.signal);
    const making: Making = { made, cancel, waiting: 0 };
    const forget = (): void => this.#forget(id, making);
    // Whoever still waits sees the error; when nobody does it is only the end of a cancelled archive.
    made.then(forget, forget);
    this.#making.set(id, making);
    return making;
  }

  /** Who asks from now on gets an archive of his own, not the end of this one. */
  #giveUp(id: JobId, making: Making): void {
    this.#forget(id, making);
    making.cancel.abort(new Error('nobody waits for the archive any more'));
  }

  #forget(id: JobId, making: Making): void {
    if (this.#making.get(id) === making) this.#making.delete(id);
  }

  async #make(id: JobId, digits: Digits, path: string, signal: AbortSignal): Promise<ZipFile> {
    await mkdir(this.#folder, { recursive: true });
    await this.#sweepOnce();
    const temporary = `${path}.${randomUUID()}`;
    try {
      const sha256 = await zipDigits(id, digits, temporary, signal);
      const { size: bytes } = await stat(temporary);
      await writeFile(`${temporary}.json`, JSON.stringify({ sha256, bytes }), { flush: true });
      await rename(`${temporary}.json`, `${path}.json`);
      await rename(temporary, path);
      return { path, sha256 };
    } catch (error) {
      await ifPresent(unlink(temporary));
      await ifPresent(unlink(`${temporary}.json`));
      throw error;
    }
  }

  async #sweepOnce(): Promise<void> {
    if (this.#isSwept) return;
    this.#isSwept = true;
    await sweepFolder(this.#folder, STRAY_FILE_MS, (name) => STRAY_NAME.test(name)).catch(
      ignoreStorageCondition,
    );
  }
}

async function readKept(path: string): Promise<ZipFile | undefined> {
  const kept = await ifPresent(stat(path));
  if (kept === undefined) return undefined;
  const text = await ifPresent(readFile(`${path}.json`, 'utf8'));
  const facts = text === undefined ? undefined : parseFacts(text);
  return facts?.bytes === kept.size ? { path, sha256: facts.sha256 } : undefined;
}

function parseFacts(text: string): z.infer<typeof factsSchema> | undefined {
  try {
    return factsSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
