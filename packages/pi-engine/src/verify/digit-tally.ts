import { createHash } from 'node:crypto';

export interface DigitTallyResult {
  /** SHA-256 in hex of the text `3`, or `3.` and the digits that follow. */
  readonly sha256: string;
  /** How often each digit occurs, the leading 3 included. */
  readonly digitCounts: Readonly<Record<string, number>>;
}

/** Counts and hashes digits as they pass by. */
export class DigitTally {
  readonly #hash = createHash('sha256');
  readonly #counts = new Float64Array(256);
  #digits = 0;

  /** Takes the next ASCII digits, from the leading 3 on, without the decimal point. */
  add(asciiDigits: Uint8Array): void {
    if (asciiDigits.length === 0) return;
    if (this.#digits <= 1 && this.#digits + asciiDigits.length > 1) {
      this.#hash.update(asciiDigits.subarray(0, 1 - this.#digits)).update('.');
      this.#hash.update(asciiDigits.subarray(1 - this.#digits));
    } else {
      this.#hash.update(asciiDigits);
    }
    for (const digit of asciiDigits) this.#counts[digit] = (this.#counts[digit] ?? 0) + 1;
    this.#digits += asciiDigits.length;
  }

  /** Call once, after the last digit. */
  result(): DigitTallyResult {
    const digitCounts = Object.fromEntries(
      Array.from({ length: 10 }, (_, digit) => [String(digit), this.#counts[0x30 + digit] ?? 0]),
    );
    return { sha256: this.#hash.digest('hex'), digitCounts };
  }
}
