import type { CheckpointStore } from '@pi-jobs/core/engine';

/** Checkpoints in memory. */
export class MemoryCheckpoints implements CheckpointStore {
  readonly contents = new Map<string, Uint8Array>();
  /** Names in the order in which their writing was begun, and in which it was done. */
  readonly begun: string[] = [];
  readonly written: string[] = [];
  /** When all of a checkpoint has come. */
  beforeEnd: (signal: AbortSignal | undefined) => Promise<void> = async () => {};
  /** When one has been written. */
  onWrite: (name: string) => void = () => {};

  async list(): Promise<string[]> {
    return [...this.contents.keys()];
  }
  async read(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const bytes = this.contents.get(name);
    return bytes && ReadableStream.from([bytes.subarray(0, 100), bytes.subarray(100)]);
  }
  async write(
    name: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    this.begun.push(name);
    const content = Buffer.concat(await Array.fromAsync(chunks));
    await this.beforeEnd(signal);
    signal?.throwIfAborted();
    this.contents.set(name, content);
    this.written.push(name);
    this.onWrite(name);
  }
  async delete(name: string): Promise<void> {
    this.contents.delete(name);
  }
}
