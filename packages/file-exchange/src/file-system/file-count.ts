import { readdir, stat } from 'node:fs/promises';
import { noRoom } from '../refusals.ts';

/** Keeps a folder from growing beyond a number of files. It is counted again only when the folder's own time shows a change. */
export class FileCount {
  readonly #folder: string;
  readonly #maxFiles: number;
  #countedAt: bigint | undefined;
  #count = 0;

  constructor(folder: string, maxFiles: number) {
    this.#folder = folder;
    this.#maxFiles = maxFiles;
  }

  /** Throws `no_space` when the folder is full. Uploads that run at once may pass it together: it is a bound on growth, not a promise. */
  async requireRoom(): Promise<void> {
    const { mtimeNs } = await stat(this.#folder, { bigint: true });
    if (mtimeNs !== this.#countedAt) {
      this.#count = (await readdir(this.#folder)).length;
      this.#countedAt = mtimeNs;
    }
    if (this.#count >= this.#maxFiles) throw noRoom(this.#maxFiles);
  }
}
