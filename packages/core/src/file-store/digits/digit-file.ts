import { type FileHandle, open } from 'node:fs/promises';
import { ifPresent } from '../../files/errno.ts';
import { readSpan } from '../../files/read-span.ts';

/**
 * The text of a result: `3`, or `3.` and digits. Digit `i` counts from 0, the leading 3; the point is no digit.
 *
 *     digit   0 1 2 3        file of n bytes   0 1 2 3 4
 *     byte    0 2 3 4        certain digits    0 1 1 2 3
 */
const POINT = Buffer.from('.');
const CHUNK_BYTES = 1 << 20;

/** Certain digits in a result file of `bytes` bytes. */
export function certainDigits(bytes: number): number {
  return bytes <= 1 ? bytes : bytes - 1;
}

/** Where digit `index` stands in the file. */
function byteOfDigit(index: number): number {
  return index === 0 ? 0 : index + 1;
}

/** Appends digits to one open file; what it wrote is visible at once and durable after `sync`. */
export class DigitFileWriter {
  readonly #file: FileHandle;
  #bytes: number;

  /** `bytes` is what the file holds already. */
  constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  get digits(): number {
    return certainDigits(this.#bytes);
  }

  /** Throws the system's error (ENOSPC, ...); the file is a prefix of the result even then, and the writer counts what it holds. */
  async append(asciiDigits: Uint8Array): Promise<void> {
    let rest = asciiDigits;
    if (this.#bytes === 0 && rest.length > 0) {
      await this.#write(rest.subarray(0, 1));
      rest = rest.subarray(1);
    }
    if (rest.length === 0) return;
    if (this.#bytes === 1) await this.#write(POINT);
    await this.#write(rest);
  }

  async sync(): Promise<void> {
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#bytes);
      written += bytesWritten;
      this.#bytes += bytesWritten;
    }
  }
}

/**
 * The bytes `start` to `end` (exclusive) of a file in chunks of at most 1 MiB; stops early where the file ends. The file is the
 * first of `paths` that is there: a partial result may get its final name at any moment.
 */
export async function* readBytes(
  paths: readonly string[],
  start: number,
  end: number,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = await openFirst(paths);
  try {
    yield* readSpan(file, { start, end }, { chunkBytes: CHUNK_BYTES, signal });
  } finally {
    await file.close();
  }
}

/** Digits `start` to `start + count`, without the point. */
export async function* readDigits(
  paths: readonly string[],
  start: number,
  count: number,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  if (count <= 0) return;
  if (start === 0) {
    yield* readBytes(paths, 0, 1, signal);
    yield* readDigits(paths, 1, count - 1, signal);
    return;
  }
  yield* readBytes(paths, byteOfDigit(start), byteOfDigit(start + count), signal);
}

/**
 * Copies the digits of a partial result into another file as far as they are digits, for the owner that takes over: it writes a
 * file of its own, so that a former owner which is still alive writes to one that nobody reads. Returns the bytes copied.
 */
export async function copyCertainText(from: string, to: FileHandle): Promise<number> {
  let copied = 0;
  for await (const chunk of readBytes([from], 0, Number.POSITIVE_INFINITY)) {
    const sound = soundBytes(chunk, copied);
    for (let written = 0; written < sound; ) {
      const { bytesWritten } = await to.write(chunk, written, sound - written, copied + written);
      written += bytesWritten;
    }
    copied += sound;
    if (sound < chunk.length) break;
  }
  return copied;
}

const ZERO = 0x30;
const NINE = 0x39;

/** How many of the chunk's bytes, which begin at byte `offset` of a result, are what can stand there. */
function soundBytes(chunk: Buffer, offset: number): number {
  for (let i = 0; i < chunk.length; i += 1) {
    const byte = chunk[i] ?? 0;
    const isSound = offset + i === 1 ? byte === POINT[0] : byte >= ZERO && byte <= NINE;
    if (!isSound) return i;
  }
  return chunk.length;
}

async function openFirst(paths: readonly string[]): Promise<FileHandle> {
  for (const path of paths.slice(0, -1)) {
    const file = await ifPresent(open(path, 'r'));
    if (file !== undefined) return file;
  }
  return open(paths.at(-1) ?? '', 'r');
}
