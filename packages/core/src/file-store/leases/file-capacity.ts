import type { Capacity } from '../../ports/capacity.ts';
import type { FileVolume } from '../volume/file-volume.ts';

/** What the calculators of a volume tell in their leases. */
export class FileCapacity implements Capacity {
  readonly #volume: FileVolume;

  constructor(volume: FileVolume) {
    this.#volume = volume;
  }

  async mostDigits(): Promise<number | undefined> {
    return this.#volume.leases.mostDigits();
  }
}
