import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { ifPresent } from '@pi-jobs/core';

/** An image takes a minute at most; what is older was left by a killed process. */
const STRAY_MS = 60 * 60 * 1000;

/** Places for two files that are not there yet. */
export interface Scratch {
  readonly inputPath: string;
  readonly outputPath: string;
}

/**
 * Places for the files of each image that is worked on, which go with the work; what killed processes left is swept. A name begins with
 * when its work began, for the file may be a second name of an older one.
 */
export class ScratchFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Hands the places to `work`; removes the files when that has ended. */
  async use<T>(work: (scratch: Scratch) => Promise<T>): Promise<T> {
    mkdirSync(this.#root, { recursive: true });
    const base = `${this.#root}/${Date.now()}-${randomUUID()}`;
    const scratch = { inputPath: `${base}.input`, outputPath: `${base}.output` };
    try {
      return await work(scratch);
    } finally {
      await Promise.all([scratch.inputPath, scratch.outputPath].map((path) => ifPresent(unlink(path))));
    }
  }

  async sweep(): Promise<void> {
    for (const name of (await ifPresent(readdir(this.#root))) ?? []) {
      if (Date.now() - Number.parseInt(name, 10) > STRAY_MS) await ifPresent(unlink(`${this.#root}/${name}`));
    }
  }
}
