import type { FileHandle } from 'node:fs/promises';

const WINDOW_BYTES = 64 * 1024;

/**
 * Random access to an open file through one cached window, so that a header parser can ask for a few bytes at a time.
 * A parser that jumps from segment to segment costs one read per jump, and never more memory than the window.
 */
export class ByteSource {
  readonly size: number;
  readonly #file: FileHandle;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** `length` bytes from `position`, fewer where the file ends before. */
  async read(position: number, length: number): Promise<Buffer> {
    if (position >= this.size || length <= 0) return Buffer.alloc(0);
    const wanted = Math.min(length, this.size - position);
    const offset = position - this.#windowStart;
    if (offset < 0 || offset + wanted > this.#window.length) await this.#load(position, wanted);
    const start = position - this.#windowStart;
    return this.#window.subarray(start, start + wanted);
  }

  async #load(position: number, atLeast: number): Promise<void> {
    const buffer = Buffer.alloc(Math.min(Math.max(atLeast, WINDOW_BYTES), this.size - position));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#window = buffer.subarray(0, filled);
    this.#windowStart = position;
  }
}
