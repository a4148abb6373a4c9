import type { LeaderCall } from './exports.ts';
import type { AddressBits } from './kernel.ts';
import {
  explainTrap,
  fromKernel,
  type KernelFunctions,
  type KernelValue,
  toKernel,
} from './kernel-values.ts';
import type { Leader } from './leader.ts';

/**
 * Leads from the thread that calls: nothing has to start. Each call has this thread to itself until it is done; between two of them
 * comes what else it has to do, such as output, timers and signals.
 */
export class CallingLeader implements Leader {
  readonly #kernel: KernelFunctions<LeaderCall>;
  readonly #addressBits: AddressBits;
  #failure: { readonly reason: unknown } | undefined;

  private constructor(kernel: KernelFunctions<LeaderCall>, addressBits: AddressBits) {
    this.#kernel = kernel;
    this.#addressBits = addressBits;
  }

  static start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    place: readonly KernelValue[],
    addressBits: AddressBits,
  ): CallingLeader {
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    const kernel = instance.exports as KernelFunctions<LeaderCall | 'lead'>;
    kernel.lead(...place);
    return new CallingLeader(kernel, addressBits);
  }

  async call(call: LeaderCall, args: readonly number[]): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#failure !== undefined) throw this.#failure.reason;
    try {
      return fromKernel(this.#kernel[call](...toKernel(args, this.#addressBits)), this.#addressBits);
    } catch (error) {
      throw new Error(explainTrap(error));
    }
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason };
  }
}
