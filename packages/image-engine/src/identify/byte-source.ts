import type { FileHandle } from 'node:fs/promises';

const WINDOW_BYTES = 64 * 1024;

/** Some bytes, and where the first of them stands. */
interface Window {
  readonly bytes: Buffer;
  readonly start: number;
}

/**
 * Random access to an open file, or to bytes in memory, through one window, so that a header parser can ask for a few bytes at a time.
 * A parser that jumps from segment to segment costs one read per jump, and never more memory than the window.
 */
export class ByteSource {
  readonly size: number;
  readonly #load: (position: number, atLeast: number) => Promise<Window>;
  #window: Window = { bytes: Buffer.alloc(0), start: 0 };

  private constructor(size: number, load: (position: number, atLeast: number) => Promise<Window>) {
    this.size = size;
    this.#load = load;
  }

  static ofFile(file: FileHandle, size: number): ByteSource {
    return new ByteSource(size, async (start, atLeast) => {
      const length = Math.min(Math.max(atLeast, WINDOW_BYTES), size - start);
      return { bytes: await readFully(file, start, length), start };
    });
  }

  /** Bytes that came in pieces; copied only where what is asked for lies in several. */
  static ofChunks(chunks: readonly Uint8Array[]): ByteSource {
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    return new ByteSource(size, async (position, wanted) => {
      const pieces: Uint8Array[] = [];
      let start = 0;
      for (const chunk of chunks) {
        const end = start + chunk.length;
        if (position >= start && position + wanted <= end) return { bytes: asBuffer(chunk), start };
        if (end > position && start < position + wanted) {
          pieces.push(chunk.subarray(Math.max(0, position - start), position + wanted - start));
        }
        start = end;
      }
      return { bytes: Buffer.concat(pieces), start: position };
    });
  }

  /** `length` bytes from `position`, fewer where the file ends before. */
  async read(position: number, length: number): Promise<Buffer> {
    if (position >= this.size || length <= 0) return Buffer.alloc(0);
    const wanted = Math.min(length, this.size - position);
    const offset = position - this.#window.start;
    if (offset < 0 || offset + wanted > this.#window.bytes.length) {
      this.#window = await this.#load(position, wanted);
    }
    const start = position - this.#window.start;
    return this.#window.bytes.subarray(start, start + wanted);
  }
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** Fewer bytes where the file ends before. */
async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
