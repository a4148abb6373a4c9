import type { KernelPath } from './kernel.ts';
import {
  DIGITS_ADDRESS,
  FRACTION_ADDRESS,
  FRACTION_WORDS,
  HEADER_END,
  PHASE,
  WORK_DONE,
} from './memory-map.ts';
import { type ProductStatistics, Team } from './team.ts';

/** The 256-bit path takes some time to check, which only long computations win back. */
const fewestWideDecimals = 1_500_000;

/** By the kernel's number of the phase. */
const phaseNames = ['start', 'splitting', 'root', 'division', 'conversion', 'done'] as const;
export type PiPhase = (typeof phaseNames)[number];

export interface PiProgress {
  readonly phase: PiPhase;
  /** 0 to 1, by the work of the transforms. */
  readonly fraction: number;
}

/** What a computation can go on from: Q and T of the series, or the binary fraction. */
export type PiStage = 'series' | 'fraction';

/** Keeps stages of a computation, by the number of decimals that they are for. */
export interface PiKeeper {
  /** The parts that were saved, or undefined. */
  load(stage: PiStage, decimals: number): Promise<readonly Uint8Array[] | undefined>;
  /** The parts lie in shared memory and stay as they are until the promise is settled. */
  save(stage: PiStage, decimals: number, parts: readonly Uint8Array[]): Promise<void>;
}

/** A computation of pi on a team of its own. `run` once or, for more and more digits, several times; then `stop`. */
export class PiComputation {
  readonly #team: Team;
  readonly #decimals: number;
  readonly #view: DataView;
  readonly #mark: number;
  #workBefore = 0;
  #running = 0;

  private constructor(team: Team, decimals: number, mark: number) {
    this.#team = team;
    this.#decimals = decimals;
    this.#view = new DataView(team.buffer, 0, HEADER_END);
    this.#mark = mark;
  }

  /**
   * Threads, memory and tables for up to `decimals` decimals. Rejects with `UnsupportedRuntimeError` where WebAssembly lacks something.
   * When the signal fires, now or later, all threads end and whatever is awaited rejects with its reason.
   */
  static async start(decimals: number, threads: number, signal?: AbortSignal): Promise<PiComputation> {
    signal?.throwIfAborted();
    const wide =
      decimals >= fewestWideDecimals
        ? await PiComputation.#tryStart(decimals, threads, 'simd-256', signal)
        : undefined;
    const computation = wide ?? (await PiComputation.#tryStart(decimals, threads, 'simd-128', signal));
    if (computation === undefined)
      throw new Error('the vector code of this runtime does not compute exactly');
    return computation;
  }

  /** Undefined when the path's self-check fails. */
  static async #tryStart(
    decimals: number,
    threads: number,
    path: KernelPath,
    signal?: AbortSignal,
  ): Promise<PiComputation | undefined> {
    const team = await Team.start({ threads, memoryBytes: reservedBytes(decimals, threads), path });
    const onAbort = (): void => void team.stop(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    team.onStop(() => signal?.removeEventListener('abort', onAbort));
    try {
      signal?.throwIfAborted();
      await team.call('prepare', logVectors(decimals));
      const checked = path === 'simd-128' || (await team.call('selfCheck')) === 1;
      if (checked) return new PiComputation(team, decimals, await team.call('stackTop'));
      await team.stop();
      return undefined;
    } catch (error) {
      await team.stop();
      throw error;
    }
  }

  /** Which code path the arithmetic takes. */
  get path(): string {
    return this.#team.path;
  }

  /**
   * Computes that many decimals; false when they are not certain and more are needed to decide. An earlier result is gone.
   * What `keeper` has kept of the same number of decimals is not computed again. Rejects when memory runs out or the team is stopped.
   */
  async run(decimals: number = this.#decimals, keeper?: PiKeeper): Promise<boolean> {
    await this.#team.call('release', this.#mark);
    this.#workBefore = this.#workDone();
    this.#running = decimals;
    this.#view.setInt32(PHASE, 0, true);
    await this.#team.call('openPi', decimals);
    const fraction = await keeper?.load('fraction', decimals);
    if (fraction !== undefined) this.#fraction().set(fraction[0] ?? []);
    else await this.#computeFraction(decimals, keeper);
    const saving =
      fraction === undefined ? keeper?.save('fraction', decimals, [this.#fraction()]) : undefined;
    const [doubt] = await Promise.all([this.#team.call('writeDecimals'), saving]);
    return doubt === 0;
  }

  async #computeFraction(decimals: number, keeper?: PiKeeper): Promise<void> {
    const kept = await keeper?.load('series', decimals);
    if (kept === undefined) {
      await this.#team.call('computeSeries');
    } else {
      const [q = new Uint8Array(), t = new Uint8Array()] = kept;
      await this.#team.call('openSeries', q.length / 8, t.length / 8);
      (await this.#seriesPart(0)).set(q);
      (await this.#seriesPart(1)).set(t);
    }
    const parts = [await this.#seriesPart(0), await this.#seriesPart(1)];
    const saving = kept === undefined ? keeper?.save('series', decimals, parts) : undefined;
    await Promise.all([this.#team.call('computeFraction'), saving]);
  }

  /** Q (0) or T (1) of the series. */
  async #seriesPart(ofT: 0 | 1): Promise<Uint8Array> {
    const address = await this.#team.call('seriesAddress', ofT);
    return new Uint8Array(this.#team.buffer, address, (await this.#team.call('seriesWords', ofT)) * 8);
  }

  #fraction(): Uint8Array {
    const address = Number(this.#view.getBigUint64(FRACTION_ADDRESS, true));
    return new Uint8Array(
      this.#team.buffer,
      address,
      Number(this.#view.getBigUint64(FRACTION_WORDS, true)) * 8,
    );
  }

  /** ASCII digits [from, to) of the last result, index 0 being the 3; a copy. */
  digits(from: number, to: number): Uint8Array {
    const address = Number(this.#view.getBigUint64(DIGITS_ADDRESS, true));
    return Uint8Array.from(new Uint8Array(this.#team.buffer, address + from, to - from));
  }

  /** 16^position * pi modulo 1, according to the last result. */
  hexFraction(position: number): number {
    const address = Number(this.#view.getBigUint64(FRACTION_ADDRESS, true));
    const end = address + Number(this.#view.getBigUint64(FRACTION_WORDS, true)) * 8;
    const bytes = new Uint8Array(this.#team.buffer, end - Math.floor(position / 2) - 8, 8);
    const fraction = bytes.reduce((sum, byte) => (sum + byte) / 256, 0);
    return position % 2 === 0 ? fraction : (fraction * 16) % 1;
  }

  progress(): PiProgress {
    const phase = phaseNames[this.#view.getInt32(PHASE, true)] ?? 'start';
    const done = this.#workDone() - this.#workBefore;
    return { phase, fraction: Math.min(1, done / expectedWork(this.#running)) };
  }

  statistics(): ProductStatistics {
    return this.#team.statistics();
  }

  /** For tests of the checks: flips a bit in the transform of the `countdown`-th product from now on. */
  injectFault(countdown: number): void {
    this.#team.injectFault(countdown);
  }

  /** Ends all threads at once. */
  stop(): Promise<void> {
    return this.#team.stop();
  }

  #workDone(): number {
    return Number(this.#view.getBigInt64(WORK_DONE, true));
  }
}

/** Work of the transforms of a whole computation: fitted to measurements at powers of ten. */
function expectedWork(decimals: number): number {
  return decimals * 0.2 * Math.log2(decimals + 2) ** 2.8;
}

/** The longest product is that of the last merge, twice as many bits as the result, in digits of 17 bits or more. */
function logVectors(decimals: number): number {
  const digits = (2 * (decimals + 2000) * Math.log2(10)) / 17;
  // Parts of n, n/2, n/4 and n/8 digits, four a vector.
  return Math.max(10, Math.ceil(Math.log2(digits / (4 * 1.875))));
}

/** Address space: more than is touched, since threads' workspaces and rooms for results are laid out for the longest they could be. */
function reservedBytes(decimals: number, threads: number): number {
  return 2 ** logVectors(decimals) * 32 + decimals * 30 + threads * (decimals * 10 + 4_000_000);
}

/** Memory that a computation touches, an upper estimate: measured at powers of ten. */
export function piMemoryBytes(decimals: number, threads: number): number {
  return HEADER_END + decimals * 26 + threads * 8_000_000;
}
