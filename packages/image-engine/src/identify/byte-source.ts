import type { FileHandle } from 'node:fs/promises';

const WINDOW_BYTES = 64 * 1024;

/**
 * Random access to an open file through one cached window, or to bytes in memory, so that a header parser can ask for a few bytes at a time.
 * A parser that jumps from segment to segment costs one read per jump, and never more memory than the window.
 */
export class ByteSource {
  readonly size: number;
  readonly #file: FileHandle | undefined;
  #window: Buffer;
  #windowStart = 0;

  private constructor(file: FileHandle | undefined, size: number, window: Buffer) {
    this.#file = file;
    this.size = size;
    this.#window = window;
  }

  static ofFile(file: FileHandle, size: number): ByteSource {
    return new ByteSource(file, size, Buffer.alloc(0));
  }

  static ofBytes(bytes: Buffer): ByteSource {
    return new ByteSource(undefined, bytes.length, bytes);
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
    while (this.#file !== undefined && filled < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#window = buffer.subarray(0, filled);
    this.#windowStart = position;
  }
}
