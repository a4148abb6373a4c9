/** The last bytes of a stream, bounded. */
export class OutputTail {
  readonly #maxBytes: number;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(-this.#maxBytes)]).subarray(-this.#maxBytes);
  }

  /** As UTF-8, from the first whole character on. */
  toString(): string {
    let start = 0;
    while (start < 3 && isContinuation(this.#bytes[start])) start++;
    return this.#bytes.toString('utf8', start);
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
