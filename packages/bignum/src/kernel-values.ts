/** What goes into the kernel and what comes out of it: a `usize` each, see assembly/index.ts. */
import type { AddressBits } from './kernel.ts';

export function toKernel(values: readonly number[], addressBits: AddressBits): readonly KernelValue[] {
  return addressBits === 64 ? values.map(BigInt) : values;
}

/** Results of 32 bits come back signed, and calls without one give 0. */
export function fromKernel(result: KernelValue | undefined, addressBits: AddressBits): number {
  return addressBits === 64 ? Number(result ?? 0) : Number(result ?? 0) >>> 0;
}

export type KernelValue = number | bigint;
/** The kernel's exports as they are called. */
export type KernelFunctions<Names extends string> = Readonly<
  Record<Names, (...args: readonly KernelValue[]) => KernelValue | undefined>
>;

/** What went wrong in a call: the kernel traps by the instruction `unreachable`, which is all that the message says. */
export function explainTrap(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message !== 'unreachable') return message;
  return 'the memory of the computation is used up, or a check failed that no repetition helped';
}
