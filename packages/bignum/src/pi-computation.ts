import { seriesSteps } from './exports.ts';
import type { AddressBits, KernelPath } from './kernel.ts';
import { DIGITS_ADDRESS, FRACTION_ADDRESS, FRACTION_WORDS, HEADER_END, WORK_DONE } from './memory-map.ts';
import type { PiKeeper } from './pi-keeper.ts';
import { logVectors, reservedBytes } from './pi-memory.ts';
import { type PiStage, PiState } from './pi-state.ts';
import { type ProductStatistics, Team, type TeamOptions } from './team.ts';

/** The 256-bit path takes some time to check, which only long computations win back. */
const fewestWideDecimals = 700_000;

/** Few enough to save often, enough that no thread waits long for the others. */
const subtreesPerThread = 8;

export type PiPhase = 'start' | 'splitting' | 'root' | 'division' | 'conversion' | 'certification';

export interface PiProgress {
  readonly phase: PiPhase;
  /** Work of the transforms that is done in this phase, what was kept of earlier runs included; steps up at the end of each product. */
  readonly work: number;
}

/** What one run computes, and where it goes. */
export interface PiRun {
  readonly decimals: number;
  /** The first digit that is wanted, 0 being the 3; blocks of digits before it are left out. Default 0. */
  readonly firstDigit?: number;
  /** Check by a residue of the whole that the text is the fraction's. */
  readonly certify?: boolean;
  readonly keeper?: PiKeeper | undefined;
  /** How many subtrees of the series, of 70,000 terms at most, a thread computes between two chances to save. Default 8. */
  readonly subtreesPerThread?: number;
  /** Told of each phase when it begins. */
  readonly onPhase?: (phase: PiPhase) => void;
  /**
   * Takes ASCII digits in order, `start` being the number of the first; they lie in shared memory and stay as they are until the
   * promise is settled. The block with `firstDigit` comes whole.
   */
  readonly onDigits: (start: number, digits: Uint8Array) => void | Promise<void>;
}

export interface PiComputationOptions {
  readonly threads: number;
  /** See `TeamOptions`. */
  readonly leader?: TeamOptions['leader'];
  /** When it fires, now or later, all threads end, a caller that leads at its next step, and whatever is awaited rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Default: as many as the memory needs. */
  readonly addressBits?: AddressBits;
}

/** A computation of pi on a team of its own. `run` once or, for more and more digits, several times; then `stop`. */
export class PiComputation {
  readonly #team: Team;
  readonly #view: DataView;
  readonly #work: BigInt64Array;
  readonly #mark: number;
  /** Whether a step of the leader may be a whole block of subtrees. */
  readonly #inBlocks: boolean;
  #state: PiState | undefined;
  #phase: PiPhase = 'start';
  #onPhase: (phase: PiPhase) => void = () => {};
  /** Of the counter that never starts anew, what is not this phase's. */
  #workBefore = 0;

  private constructor(team: Team, mark: number, inBlocks: boolean) {
    this.#team = team;
    this.#view = new DataView(team.buffer, 0, HEADER_END);
    this.#work = new BigInt64Array(team.buffer, WORK_DONE, 1);
    this.#mark = mark;
    this.#inBlocks = inBlocks;
  }

  /** Threads, memory and tables for up to `decimals` decimals. Rejects with `UnsupportedRuntimeError` where WebAssembly lacks something. */
  static async start(decimals: number, options: PiComputationOptions): Promise<PiComputation> {
    options.signal?.throwIfAborted();
    const wide =
      decimals >= fewestWideDecimals
        ? await PiComputation.#tryStart(decimals, 'simd-256', options)
        : undefined;
    const computation = wide ?? (await PiComputation.#tryStart(decimals, 'simd-128', options));
    if (computation === undefined)
      throw new Error('the vector code of this runtime does not compute exactly');
    return computation;
  }

  /** Undefined when the path's self-check fails. */
  static async #tryStart(
    decimals: number,
    path: KernelPath,
    { threads, signal, ...options }: PiComputationOptions,
  ): Promise<PiComputation | undefined> {
    const team = await Team.start({
      threads,
      memoryBytes: reservedBytes(decimals, threads),
      path,
      ...options,
    });
    const onAbort = (): void => void team.stop(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    team.onStop(() => signal?.removeEventListener('abort', onAbort));
    try {
      signal?.throwIfAborted();
      await team.call('prepare', logVectors(decimals));
      const checked = path === 'simd-128' || (await team.call('selfCheck')) === 1;
      if (checked) {
        const mark = await team.call('stackTop');
        return new PiComputation(team, mark, options.leader !== 'caller');
      }
      await team.stop();
      return undefined;
    } catch (error) {
      await team.stop();
      throw error;
    }
  }

  /** Which code path the arithmetic takes. */
  get path(): string {
    return this.#team.addressBits === 64 ? `${this.#team.path}, 64-bit addresses` : this.#team.path;
  }

  /**
   * Computes digits and hands them over; false when the last of them are not certain and more decimals are needed to decide. What the
   * keeper has kept is not computed again. Rejects when memory runs out, a check fails for good, or the team is stopped.
   */
  async run(run: PiRun): Promise<boolean> {
    this.#onPhase = run.onPhase ?? (() => {});
    this.#enter('start');
    const state = new PiState(this.#team, run.keeper, () => this.#workBefore);
    this.#state = state;
    let reached: PiStage | undefined;
    while (reached === undefined) {
      await this.#team.call('release', this.#mark);
      await this.#team.call('openPi', run.decimals, run.subtreesPerThread ?? subtreesPerThread);
      reached = await state.resume((keptWork) => this.#enter('splitting', keptWork));
    }
    if (reached === 'series') await this.#computeSeries(state);
    if (reached === 'root' || reached === 'division') this.#enter(reached, state.keptWork);
    if (reached !== 'fraction') await this.#computeFraction(state);
    this.#enter('conversion');
    const certain = await this.#writeDecimals(run);
    await state.settled();
    return certain;
  }

  async #computeSeries(state: PiState): Promise<void> {
    let next: number = await this.#team.call('nextInSeries');
    while (next !== seriesSteps.none) {
      if (next === seriesSteps.merge) await state.settled();
      next = await this.#team.call('stepSeries', this.#inBlocks ? 1 : 0);
      if (next !== seriesSteps.restOfBlock) await state.keepRanges();
    }
    this.#enter('root');
  }

  async #computeFraction(state: PiState): Promise<void> {
    for (let more = 1; more === 1; ) {
      await state.settled();
      more = await this.#team.call('stepFraction');
      if (this.#phase === 'root' && state.isRootDone) this.#enter('division');
      // The fraction stays where it is while it is saved and converted.
      state.keepNumbers();
    }
  }

  async #writeDecimals({ decimals, firstDigit = 0, certify = false, onDigits }: PiRun): Promise<boolean> {
    // The 3 before the point is decimal -1.
    const from = Math.max(0, firstDigit - 1);
    let position = await this.#team.call('openDecimals', from, certify ? 1 : 0);
    if (firstDigit === 0) await onDigits(0, Uint8Array.of(0x33));
    // A block is handed over while the next is written; a third would take the first one's place.
    let handedOver = Promise.resolve();
    for (;;) {
      const digits = await this.#team.call('writeDecimals');
      if (digits === 0) break;
      if ((await this.#team.call('isDoubtful')) === 1) return false;
      await handedOver;
      const count = Math.min(digits, decimals - position);
      if (count > 0) handedOver = this.#handOver(onDigits, position + 1, count);
      position += digits;
    }
    await handedOver;
    if (!certify) return true;
    this.#enter('certification');
    if ((await this.#team.call('certifyDecimals')) !== 1)
      throw new Error('the decimal digits are not those of the binary fraction');
    return true;
  }

  #handOver(onDigits: PiRun['onDigits'], start: number, count: number): Promise<void> {
    const digits = new Uint8Array(this.#team.buffer, this.#headerWord(DIGITS_ADDRESS), count);
    const done = Promise.resolve(onDigits(start, digits));
    // It is awaited later; until then its failure is no unhandled one.
    done.catch(() => {});
    return done;
  }

  #headerWord(address: number): number {
    return Number(this.#view.getBigUint64(address, true));
  }

  /** 16^position * pi modulo 1, according to the last result. */
  hexFraction(position: number): number {
    const end = this.#headerWord(FRACTION_ADDRESS) + this.#headerWord(FRACTION_WORDS) * 8;
    const bytes = new Uint8Array(this.#team.buffer, end - Math.floor(position / 2) - 8, 8);
    const fraction = bytes.reduce((sum, byte) => (sum + byte) / 256, 0);
    return position % 2 === 0 ? fraction : (fraction * 16) % 1;
  }

  progress(): PiProgress {
    return { phase: this.#phase, work: this.#workDone() - this.#workBefore };
  }

  #enter(phase: PiPhase, keptWork = 0): void {
    this.#phase = phase;
    this.#workBefore = this.#workDone() - keptWork;
    this.#onPhase(phase);
  }

  statistics(): ProductStatistics {
    return this.#team.statistics();
  }

  /** Bytes up to the highest address that the leader's numbers took so far. */
  usedBytes(): Promise<number> {
    return this.#team.call('highestTop');
  }

  /** For tests of the checks: flips a bit in the transform of the `countdown`-th product from now on. */
  injectFault(countdown: number): void {
    this.#team.injectFault(countdown);
  }

  /** Ends all threads at once. */
  stop(): Promise<void> {
    return this.#team.stop();
  }

  /** Ends all threads at once and saves by the last run's keeper what of its work is whole in memory and not kept yet. */
  async stopAndKeep(): Promise<void> {
    await this.#team.stop();
    await this.#state?.keepWhole();
  }

  #workDone(): number {
    // The threads count while this reads; a DataView reads byte by byte, of two counts.
    return Number(Atomics.load(this.#work, 0));
  }
}
