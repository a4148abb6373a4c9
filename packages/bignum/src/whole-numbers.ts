/**
 * What is whole in a team's memory: numbers that outlast a step of the computation, where they lie and what they took. It is read
 * between two steps, and also when the threads were ended in the middle of one.
 */
import type { AddressBits } from './kernel.ts';
import {
  HEADER_END,
  HELD_PLACES,
  MOST_HELD,
  SERIES_SUBTREES,
  STAGE,
  STAGE_NUMBERS,
  STAGE_SLOTS,
  STAGE_WORK,
} from './memory-map.ts';

/** A number in the team's memory. */
export interface Place {
  readonly address: number;
  readonly words: number;
  /** What the number has to be modulo 2^61 - 1. */
  readonly residue: bigint;
}

/** A range of the series: its place in the tree in units of subtrees, the power that T, Q and P are divided by, where they lie. */
export interface WholeRange {
  readonly first: number;
  readonly count: number;
  readonly exponent: number;
  readonly numbers: readonly Place[];
  /** Work of the transforms that is in it. */
  readonly work: number;
}

/** Stages of the kernel, see assembly/pi-stages.ts. `none`: the numbers of a stage are not all where they belong. */
export const stages = { none: -1, series: 0, sums: 1, root: 2, fraction: 5 } as const;

export class WholeNumbers {
  readonly #buffer: SharedArrayBuffer;
  readonly #header: DataView;
  /** Bytes of an address. */
  readonly #size: number;

  constructor({ buffer, addressBits }: { buffer: SharedArrayBuffer; addressBits: AddressBits }) {
    this.#buffer = buffer;
    this.#header = new DataView(buffer, 0, HEADER_END);
    this.#size = addressBits / 8;
  }

  /** The stage that the computation has reached. */
  get stage(): number {
    return this.#header.getInt32(STAGE, true);
  }

  /** The work that was done when it was. */
  get stageWork(): number {
    return this.#headerWord(STAGE_WORK);
  }

  /** Subtrees of the series. */
  get subtrees(): number {
    return this.#headerWord(SERIES_SUBTREES);
  }

  /** The stage's numbers; while it is on its way to one, the places that they will have. */
  numbers(): readonly Place[] {
    const slots = this.#headerWord(STAGE_SLOTS);
    // A Natural: address, words, residue.
    const slotBytes = 2 * this.#size + 8;
    return Array.from({ length: this.#headerWord(STAGE_NUMBERS) }, (_, i) =>
      this.#place(slots + i * slotBytes),
    );
  }

  /** The ranges of the series, first terms first. */
  ranges(): readonly WholeRange[] {
    const places = this.#headerWord(HELD_PLACES);
    const held = Array.from({ length: this.#headerWord(MOST_HELD) }, (_, i) => this.#field(places, i));
    return [...new Set(held)]
      .map((address) => this.#range(address))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => a.first - b.first);
  }

  /** A Held: its work, first subtree, subtrees, Range; that is the addresses of P, Q, T, then the exponent. */
  #range(address: number): WholeRange {
    const work = Number(new DataView(this.#buffer, address, 8).getBigInt64(0, true));
    const [first = 0, count = 0, range = 0] = [0, 1, 2].map((i) => this.#field(address + 8, i));
    const numbers = [2, 1, 0].map((i) => this.#place(this.#field(range, i)));
    return { first, count, exponent: this.#field(range, 3), numbers, work };
  }

  #place(natural: number): Place {
    const [address = 0, words = 0] = [0, 1].map((i) => this.#field(natural, i));
    const residue = new DataView(this.#buffer, natural + 2 * this.#size, 8).getBigUint64(0, true);
    return { address, words, residue };
  }

  /** The field of a kernel's object with that index, all before it being as long as an address. */
  #field(address: number, index: number): number {
    const view = new DataView(this.#buffer, address + index * this.#size, this.#size);
    return this.#size === 4 ? view.getUint32(0, true) : Number(view.getBigUint64(0, true));
  }

  #headerWord(address: number): number {
    return Number(this.#header.getBigUint64(address, true));
  }
}
