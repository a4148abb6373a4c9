const newline = 0x0a;

/**
 * Cuts a stream of bytes into lines. A chunk may end anywhere, within a character too: bytes are decoded a whole line at a time, and
 * no byte of a longer UTF-8 character can be taken for a newline.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** True when the line now begun, or the one that ended the last `push`, is longer than allowed; nothing more is handed out. */
  isTooLong = false;

  /** The lines that this chunk completes. */
  push(chunk: Buffer): string[] {
    if (this.isTooLong) return [];
    const end = chunk.lastIndexOf(newline);
    if (end === -1) {
      this.#hold(chunk);
      return [];
    }
    const whole = this.#takeHeld(chunk.subarray(0, end));
    const lines = whole.length > this.#maxLineBytes ? this.#splitChecked(whole) : decode(whole).split('\n');
    if (!this.isTooLong) this.#hold(chunk.subarray(end + 1));
    return lines;
  }

  /** The last line when no newline ended it. */
  end(): string | undefined {
    return this.#heldBytes === 0 || this.isTooLong ? undefined : decode(this.#takeHeld());
  }

  #hold(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#held.push(rest);
    this.#heldBytes += rest.length;
    if (this.#heldBytes > this.#maxLineBytes) this.isTooLong = true;
  }

  #takeHeld(...more: Buffer[]): Buffer {
    const taken = [...this.#held, ...more];
    this.#held = [];
    this.#heldBytes = 0;
    const [only] = taken;
    return taken.length === 1 && only !== undefined ? only : Buffer.concat(taken);
  }

  #splitChecked(whole: Buffer): string[] {
    const lines: string[] = [];
    for (let start = 0; start <= whole.length; ) {
      const found = whole.indexOf(newline, start);
      const end = found === -1 ? whole.length : found;
      if (end - start > this.#maxLineBytes) {
        this.isTooLong = true;
        break;
      }
      lines.push(decode(whole.subarray(start, end)));
      start = end + 1;
    }
    return lines;
  }
}

/** Buffer's decoder keeps a byte order mark, which belongs to the line as any other character does. */
function decode(bytes: Buffer): string {
  return bytes.toString('utf8');
}
