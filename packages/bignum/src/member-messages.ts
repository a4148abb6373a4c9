/** What goes between a team and its threads. */
import type { LeaderCall } from './exports.ts';
import type { AddressBits } from './kernel.ts';

/** The first message: which thread of which team it is. */
export interface MemberData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly addressBits: AddressBits;
  readonly rank: number;
  readonly count: number;
  readonly stackFrom: number;
  readonly stackTo: number;
}

export interface CallMessage {
  readonly id: number;
  readonly call: LeaderCall;
  readonly args: readonly number[];
}

export type CallAnswer =
  | { readonly id: number; readonly result: number }
  | { readonly id: number; readonly error: string };
