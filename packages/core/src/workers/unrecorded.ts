import { ignoreStorageCondition } from '../files/errno.ts';

/**
 * What has happened is true whether the store takes it now or, when it is full, at a later look: until then the slot that it would free
 * stays taken.
 */
export class Unrecorded {
  readonly #steps = new Map<string, () => Promise<unknown>>();
  #recording: Promise<void> | undefined;

  /** Takes the step now, or at a later look if the store cannot take it now. */
  async record(workerId: string, step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      ignoreStorageCondition(error);
      this.#steps.set(workerId, step);
    }
  }

  look(): void {
    if (this.#steps.size === 0) return;
    this.#recording ??= this.#recordAll().finally(() => {
      this.#recording = undefined;
    });
  }

  /** Resolves when no step is under way. */
  async settled(): Promise<void> {
    await this.#recording;
  }

  async #recordAll(): Promise<void> {
    // As they are now: one that fails again is put down again, for the next look.
    for (const [workerId, step] of [...this.#steps]) {
      this.#steps.delete(workerId);
      await this.record(workerId, step).catch(() => undefined);
    }
  }
}
