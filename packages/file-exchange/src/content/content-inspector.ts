import { FileExchangeError } from '../file-exchange-error.ts';
import { isOfficeZip } from './office-zip.ts';
import { isTextHead, isUtf16 } from './plain-text.ts';
import { SIGNATURES, startsWithAny } from './signatures.ts';

/** As much of a file's beginning as is looked at. */
export const HEAD_BYTES = 64 * 1024;

const OFFICE_EXTENSIONS = new Set(['docx', 'xlsx']);
const TEXT_EXTENSIONS = new Set(['txt', 'csv']);

/**
 * Holds a file's bytes against its extension while they stream by. It can only tell what contradicts the extension: a head that
 * belongs to another format, or a NUL byte in a text. Extensions it knows nothing about pass.
 */
export class ContentInspector {
  readonly #extension: string;
  #head: Uint8Array[] = [];
  #headLength = 0;
  #headDone = false;
  #refuseNul: boolean;

  constructor(extension: string) {
    this.#extension = extension;
    this.#refuseNul = TEXT_EXTENSIONS.has(extension);
  }

  /** Throws `content_mismatch` as soon as it is certain. */
  push(chunk: Uint8Array): void {
    if (!this.#headDone) this.#gather(chunk);
    if (this.#refuseNul && this.#headDone && chunk.includes(0)) throw this.#mismatch();
  }

  /** Throws `content_mismatch` when the file as a whole is none of its kind. */
  end(): void {
    if (!this.#headDone) this.#judgeHead();
  }

  /** Is what is still to come of no interest? */
  get settled(): boolean {
    return this.#headDone && !this.#refuseNul;
  }

  #gather(chunk: Uint8Array): void {
    this.#head.push(chunk.subarray(0, HEAD_BYTES - this.#headLength));
    this.#headLength = Math.min(HEAD_BYTES, this.#headLength + chunk.length);
    if (this.#headLength === HEAD_BYTES) this.#judgeHead();
  }

  #judgeHead(): void {
    const head = Buffer.concat(this.#head);
    this.#head = [];
    this.#headDone = true;
    if (!fits(head, this.#extension)) throw this.#mismatch();
    if (isUtf16(head)) this.#refuseNul = false;
  }

  #mismatch(): FileExchangeError {
    return new FileExchangeError(
      'content_mismatch',
      `The content of the file is not what a .${this.#extension} file holds.`,
    );
  }
}

function fits(head: Buffer, extension: string): boolean {
  if (TEXT_EXTENSIONS.has(extension)) return isTextHead(head);
  if (OFFICE_EXTENSIONS.has(extension)) return isOfficeZip(head, extension);
  const signatures = SIGNATURES[extension];
  return signatures === undefined || startsWithAny(head, signatures);
}
