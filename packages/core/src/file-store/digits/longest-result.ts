import { statSync } from 'node:fs';
import { z } from 'zod';
import { CachedJson } from '../../files/cached-json.ts';
import { replaceFile } from '../../files/replace-file.ts';
import type { VolumeLayout } from '../volume/volume-layout.ts';

const longestSchema = z.object({ id: z.int().positive(), num: z.int().positive() });

export type LongestResult = z.infer<typeof longestSchema>;

/** Which finished result has the most digits. All results begin alike, so it can stand in for any shorter one. */
export class LongestResultFile {
  readonly #layout: VolumeLayout;
  readonly #cache = new CachedJson(longestSchema, 1);

  constructor(layout: VolumeLayout) {
    this.#layout = layout;
  }

  /** Undefined when nothing is finished, or when the file it names was removed by hand. */
  read(): LongestResult | undefined {
    const longest = this.#cache.read(this.#layout.longest);
    if (longest === undefined) return undefined;
    const path = this.#layout.digits(longest.id, longest.num);
    return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : longest;
  }

  /** Inside the mutex, after the result has its final name. */
  async offer({ id, num }: LongestResult): Promise<void> {
    if ((this.read()?.num ?? 0) >= num) return;
    await replaceFile(this.#layout.longest, `${JSON.stringify({ id, num })}\n`, {
      temporaryFolder: this.#layout.temporary,
      durable: false,
    });
  }
}
