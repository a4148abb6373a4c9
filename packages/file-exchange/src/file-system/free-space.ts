import { statfs } from 'node:fs/promises';
import { FileExchangeError } from '../file-exchange-error.ts';

/** Watches the free space of the volume that a folder is on. */
export class FreeSpace {
  readonly #folder: string;
  readonly #reserveBytes: number;

  /** `reserveBytes` stay free for whatever else lives on the volume. */
  constructor(folder: string, reserveBytes: number) {
    this.#folder = folder;
    this.#reserveBytes = reserveBytes;
  }

  /** Throws `no_space` unless so many bytes more leave the reserve untouched. */
  async require(bytes: number): Promise<void> {
    const volume = await statfs(this.#folder);
    if (volume.bavail * volume.bsize >= bytes + this.#reserveBytes) return;
    throw new FileExchangeError('no_space', 'There is no space left for the file.');
  }
}
