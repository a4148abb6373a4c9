import { HIGH_WATER_BYTES } from '../file-exchange.ts';

/** Chunks from somebody who pushes them to somebody who pulls them. A push waits while `HIGH_WATER_BYTES` or more are not taken yet. */
export class ChunkChannel implements AsyncIterable<Uint8Array> {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #end: { readonly error?: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  async push(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#wakeReader?.();
    if (this.#bytes < HIGH_WATER_BYTES || this.#end !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  /** Nothing more comes. */
  end(): void {
    this.#close({});
  }

  /** The reader gets the error, after nothing more, and whoever waits to push waits no longer. */
  fail(error: unknown): void {
    this.#chunks = [];
    this.#close({ error });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#bytes = 0;
      this.#wakeWriter?.();
      yield* chunks;
      if (this.#chunks.length > 0) continue;
      if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  #close(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }
}
