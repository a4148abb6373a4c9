/** What goes between a team and its threads. */
import type { LeaderCall } from './exports.ts';
import type { KernelValue } from './kernel-values.ts';

/** The first message: which thread of which team it is. */
export interface MemberData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly role: 'lead' | 'serve';
  /** Arguments of the kernel's export of that name. */
  readonly place: readonly KernelValue[];
}

export interface CallMessage {
  readonly id: number;
  readonly call: LeaderCall;
  readonly args: readonly KernelValue[];
}

export type CallAnswer =
  | { readonly id: number; readonly result: KernelValue | undefined }
  | { readonly id: number; readonly error: unknown };
