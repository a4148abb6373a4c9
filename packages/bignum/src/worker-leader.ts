import type { Worker } from 'node:worker_threads';
import type { LeaderCall } from './exports.ts';
import type { AddressBits } from './kernel.ts';
import { explainTrap, fromKernel, toKernel } from './kernel-values.ts';
import type { Leader } from './leader.ts';
import type { CallAnswer, CallMessage } from './member-messages.ts';

interface Pending {
  resolve(result: number): void;
  reject(reason: unknown): void;
}

/** Leads from a thread of its own, so that the caller's stays free and can end it at any moment. */
export class WorkerLeader implements Leader {
  readonly #worker: Worker;
  readonly #addressBits: AddressBits;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #failure: { readonly reason: unknown } | undefined;

  constructor(worker: Worker, addressBits: AddressBits) {
    this.#worker = worker;
    this.#addressBits = addressBits;
    worker.on('message', (answer: CallAnswer) => this.#settle(answer));
  }

  call(call: LeaderCall, args: readonly number[]): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason);
    const message: CallMessage = { id: this.#nextId++, call, args: toKernel(args, this.#addressBits) };
    return new Promise((resolve, reject) => {
      this.#pending.set(message.id, { resolve, reject });
      this.#worker.postMessage(message);
    });
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason };
    for (const pending of this.#pending.values()) pending.reject(this.#failure.reason);
    this.#pending.clear();
  }

  #settle(answer: CallAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ('error' in answer) pending?.reject(new Error(explainTrap(answer.error)));
    else pending?.resolve(fromKernel(answer.result, this.#addressBits));
  }
}
