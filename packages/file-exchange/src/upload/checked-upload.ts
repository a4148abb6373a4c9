import type { ContentInspector } from '../content/content-inspector.ts';
import type { FileUpload, StoredFile, UploadOptions } from '../file-exchange.ts';
import { FileExchangeError } from '../file-exchange-error.ts';
import type { UploadRules } from '../rules/upload-rules.ts';
import type { UploadTarget } from './upload-target.ts';

export interface CheckedUploadParts {
  readonly filename: string;
  readonly rules: UploadRules;
  readonly options: UploadOptions;
  readonly target: UploadTarget;
}

/** An upload as every store has it: size and content are checked while it streams by, and whoever ends it first names the reason. */
export class CheckedUpload implements FileUpload {
  readonly filename: string;
  readonly #parts: CheckedUploadParts;
  readonly #inspector: ContentInspector;
  #bytes = 0;
  #publishing: Promise<StoredFile> | undefined;
  #ending: Promise<void> | undefined;
  #endedBecause: unknown;

  constructor(parts: CheckedUploadParts) {
    this.filename = parts.filename;
    this.#parts = parts;
    this.#inspector = parts.rules.inspectorFor(parts.filename);
    parts.options.signal?.addEventListener('abort', this.#onSignal);
    if (parts.options.signal?.aborted) this.#onSignal();
  }

  get bytes(): number {
    return this.#bytes;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#orEnd(async () => {
      this.#bytes += chunk.length;
      this.#parts.rules.checkSize(this.#bytes);
      this.#inspector.push(chunk);
      await this.#parts.target.write(chunk);
    });
  }

  commit(): Promise<StoredFile> {
    return this.#orEnd(async () => {
      this.#checkDeclaredSize();
      this.#inspector.end();
      await this.#parts.target.finish();
      this.#throwIfEnded();
      this.#publishing = this.#parts.target.publish();
      const stored = await this.#publishing;
      await this.#end(new Error('the upload is committed'));
      return stored;
    });
  }

  async abort(): Promise<void> {
    // A file that is getting its name gets it or not, but never half.
    await this.#publishing?.catch(() => undefined);
    await this.#end(new Error('the upload was aborted'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  readonly #onSignal = (): void => {
    if (this.#publishing === undefined) void this.#end(this.#parts.options.signal?.reason);
  };

  async #orEnd<T>(step: () => Promise<T>): Promise<T> {
    this.#throwIfEnded();
    try {
      return await step();
    } catch (error) {
      const reason = this.#ending === undefined ? error : this.#endedBecause;
      await this.#end(reason);
      throw reason;
    }
  }

  /** Whoever comes first names the reason; everyone waits until nothing is left. */
  #end(reason: unknown): Promise<void> {
    if (this.#ending === undefined) {
      this.#endedBecause = reason;
      this.#parts.options.signal?.removeEventListener('abort', this.#onSignal);
      this.#ending = this.#parts.target.release();
    }
    return this.#ending;
  }

  #throwIfEnded(): void {
    if (this.#ending !== undefined) throw this.#endedBecause;
  }

  #checkDeclaredSize(): void {
    const { declaredSize } = this.#parts.options;
    if (declaredSize === undefined || declaredSize === this.#bytes) return;
    throw new FileExchangeError(
      'size_mismatch',
      `${declaredSize} bytes were announced, but ${this.#bytes} came.`,
    );
  }
}
