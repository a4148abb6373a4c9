import type { KeptState, PiKeeper } from '../pi-keeper.ts';

export interface KeptBytes {
  readonly figures: Readonly<Record<string, number>>;
  readonly bytes: Uint8Array;
}

/** What is kept, in memory; `onSave` is told of each save. */
export class MemoryKeeper implements PiKeeper {
  readonly kept = new Map<string, KeptBytes>();
  onSave: () => void = () => {};
  readonly #isDue: boolean;

  constructor({ isDue = true }: { readonly isDue?: boolean } = {}) {
    this.#isDue = isDue;
  }

  async names(): Promise<readonly string[]> {
    return [...this.kept.keys()];
  }
  async load(name: string): Promise<KeptState | undefined> {
    const kept = this.kept.get(name);
    return (
      kept && {
        figures: kept.figures,
        chunks: ReadableStream.from([kept.bytes.subarray(0, 9), kept.bytes.subarray(9)]),
      }
    );
  }
  async save(
    name: string,
    figures: Readonly<Record<string, number>>,
    parts: readonly Uint8Array[],
  ): Promise<boolean> {
    this.kept.set(name, { figures, bytes: Buffer.concat(parts) });
    this.onSave();
    return true;
  }
  async delete(name: string): Promise<void> {
    this.kept.delete(name);
  }
  isDue(): boolean {
    return this.#isDue;
  }
}
