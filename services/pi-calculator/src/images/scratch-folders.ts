import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { ifPresent } from '@pi-jobs/core';

/** An image takes a minute at most; what is older was left by a killed process. */
const STRAY_MS = 60 * 60 * 1000;

/** A folder for each image that is worked on, which goes with the work; what killed processes left is swept. */
export class ScratchFolders {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes a folder and hands it to `work`; removes it when that has ended. */
  async use<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = `${this.#root}/${randomUUID()}`;
    await mkdir(folder, { recursive: true });
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async sweep(): Promise<void> {
    for (const name of (await ifPresent(readdir(this.#root))) ?? []) {
      const path = `${this.#root}/${name}`;
      const folder = await ifPresent(stat(path));
      if (folder !== undefined && Date.now() - folder.mtimeMs > STRAY_MS) {
        await rm(path, { recursive: true, force: true });
      }
    }
  }
}
