import type { ObjectStore } from '@pi-jobs/core';
import type { StoredFile } from '../file-exchange.ts';
import type { UploadTarget } from '../upload/upload-target.ts';
import { ChunkChannel } from './chunk-channel.ts';
import type { LooseContents } from './loose-contents.ts';

export interface ObjectContentParts {
  readonly store: ObjectStore;
  readonly loose: LooseContents;
  /** Key of the object. */
  readonly content: string;
  /** Writes the entry that leads to it. */
  readonly publish: (size: number) => Promise<PublishOutcome>;
}

/** `unknown`: the store did not say whether the entry is there. */
export type PublishOutcome =
  | { readonly stored: StoredFile }
  | { readonly refused: unknown }
  | { readonly unknown: unknown };

const ABORTED = new Error('the upload ended before its last byte');

/** An upload on its way into an object. */
export class ObjectContent implements UploadTarget {
  readonly #parts: ObjectContentParts;
  readonly #channel = new ChunkChannel();
  readonly #writing: Promise<{ readonly size: number } | { readonly error: unknown }>;
  #failure: { readonly error: unknown } | undefined;
  #mayBePublished = false;

  constructor(parts: ObjectContentParts) {
    this.#parts = parts;
    this.#writing = parts.store.put(parts.content, this.#channel).then(
      ({ size }) => ({ size }),
      (error: unknown) => {
        this.#failure = { error };
        this.#channel.fail(error);
        return this.#failure;
      },
    );
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#throwFailure();
    await this.#channel.push(chunk);
    this.#throwFailure();
  }

  async finish(): Promise<void> {
    this.#channel.end();
    await this.#writing;
    this.#throwFailure();
  }

  async publish(): Promise<StoredFile> {
    const written = await this.#writing;
    if ('error' in written) throw written.error;
    const outcome = await this.#parts.publish(written.size);
    this.#mayBePublished = !('refused' in outcome);
    if ('stored' in outcome) return outcome.stored;
    throw 'refused' in outcome ? outcome.refused : outcome.unknown;
  }

  /** What cannot be removed now is looked at again a day later: its note is there. */
  async release(): Promise<void> {
    this.#channel.fail(ABORTED);
    await this.#writing;
    if (!this.#mayBePublished) await this.#parts.loose.discard(this.#parts.content).catch(() => undefined);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
