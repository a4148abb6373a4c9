import { PiComputation, type PiPhase } from '@pi-jobs/bignum';
import { type DigitEngine, type DigitRequest, EngineError, type EngineReport } from '@pi-jobs/core/engine';
import { engineVersion } from '../engine-version.ts';
import { checkRequest } from '../request/check-request.ts';
import { DigitOutput } from '../request/digit-output.ts';
import { mostDigitsWithin } from '../request/most-digits-within.ts';
import { reportNothingLeft } from '../request/nothing-left.ts';
import { PhaseClock } from '../request/phase-clock.ts';
import { untilSuspended } from '../request/until-suspended.ts';
import { giveOpening } from '../spigot/give-opening.ts';
import type { DigitTally } from '../verify/digit-tally.ts';
import type { HexFractionOptions } from '../verify/hex-fraction.ts';
import { CheckpointPace, type PaceOptions } from './checkpoint-pace.ts';
import { chooseLeader } from './choose-leader.ts';
import { estimateWasmMemory } from './estimate-memory.ts';
import { ladderOf } from './ladder.ts';
import { forgetStages, StageKeeper } from './stage-keeper.ts';
import { type PlannedProgress, TimePlan } from './time-plan.ts';
import { watchProgress } from './watch-progress.ts';

/** More than any machine has, less than what stands for the impossible. */
const mostBytes = Number.MAX_SAFE_INTEGER - 1;
/** Digits beyond those wanted when a run of nines leaves the last ones open. */
const moreDigits = 100;

export interface WasmEngineOptions {
  /** The calling thread has nothing else to do: it leads short computations itself, which start so much sooner. Default false. */
  readonly callerIsFree?: boolean;
  readonly checkpointPace?: PaceOptions;
  /**
   * What is written when a run is suspended has so much time. Default 800: with what it takes to end threads and claim, a pause takes less
   * than two seconds.
   */
  readonly suspensionMs?: number;
}

/**
 * The Chudnovsky series in WebAssembly on threads: the fastest engine, where WebAssembly has relaxed SIMD and threads. Elsewhere
 * `compute` rejects with an `UnsupportedRuntimeError`, which `whyNoKernel` of the arithmetic foretells.
 */
export function createWasmEngine({
  callerIsFree = false,
  checkpointPace,
  suspensionMs = 800,
}: WasmEngineOptions = {}): DigitEngine {
  const engine: DigitEngine = {
    name: 'wasm',
    estimateMemoryBytes: estimateWasmMemory,
    compute: async (asked) => {
      const request = untilSuspended(asked);
      checkRequest(engine, request);
      if (estimateWasmMemory(request.digitCount, request.threads) === Number.MAX_SAFE_INTEGER) {
        const most = mostDigitsWithin(engine, mostBytes, request.threads);
        throw new EngineError(`the wasm engine ends at ${most} digits, ${request.digitCount} are too many`);
      }
      return (
        reportNothingLeft(engine.name, request) ??
        computeOnTeam(
          request,
          chooseLeader(request.digitCount, callerIsFree),
          { asked, suspensionMs },
          new CheckpointPace(checkpointPace),
        )
      );
    },
  };
  return engine;
}

interface Suspension {
  readonly asked: DigitRequest;
  readonly suspensionMs: number;
}

/** Being suspended ends the threads as any stop does; what they have done outlives them, and the request as it was asked tells whether to keep it. */
async function computeOnTeam(
  request: DigitRequest,
  leader: ReturnType<typeof chooseLeader>,
  suspension: Suspension,
  pace: CheckpointPace,
): Promise<EngineReport> {
  const { digitCount, threads, signal } = request;
  const clock = new PhaseClock();
  clock.enter('start');
  const output = new DigitOutput(request);
  let starting: Promise<PiComputation> | undefined;
  try {
    starting = PiComputation.start(digitCount + moreDigits, { threads, leader, signal });
    // It is awaited below; until then its failure is no unhandled one.
    starting.catch(() => {});
    if (leader === 'worker' || ladderOf(digitCount, request.firstDigit).length === 0) {
      // Once the threads have been told what to do: it takes as long as their first steps.
      await new Promise((resolve) => setImmediate(resolve));
      await giveOpening(output, digitCount);
    }
    const computation = await starting;
    return await computeWith(computation, request, suspension, output, clock, pace);
  } catch (error) {
    suspension.asked.signal.throwIfAborted();
    signal.throwIfAborted();
    if (error instanceof EngineError || output.cameFromSink(error)) throw error;
    throw new EngineError('the wasm engine failed', { cause: error });
  } finally {
    await starting?.then(
      (computation) => computation.stop(),
      () => {},
    );
  }
}

async function computeWith(
  computation: PiComputation,
  request: DigitRequest,
  { asked, suspensionMs }: Suspension,
  output: DigitOutput,
  clock: PhaseClock,
  pace: CheckpointPace,
): Promise<EngineReport> {
  const { digitCount, threads, verify = false, checkpoints } = request;
  clock.enter('ladder');
  for (const rung of ladderOf(digitCount, request.firstDigit)) {
    const onDigits = (start: number, digits: Uint8Array) => handOver(output, start, digits);
    await computation.run({ decimals: rung - 1, firstDigit: output.nextDigit, onDigits });
  }
  const { nextDigit: firstDigit } = output;
  const plan = new TimePlan({ decimals: digitCount - 1, threads, verify, firstDigit });
  let verified: number | undefined;
  const progress = (): PlannedProgress =>
    verified === undefined ? computation.progress() : { phase: 'verification', work: verified };
  const stopWatching = watchProgress(progress, plan, request);
  let tally: DigitTally | undefined;
  let keeper: StageKeeper | undefined;
  let verification: EngineReport['verification'];
  try {
    for (let decimals = digitCount - 1; ; decimals += moreDigits / 2) {
      keeper = checkpoints && new StageKeeper(checkpoints, decimals, pace);
      const counting = verify ? await newTally() : undefined;
      tally = counting;
      const onDigits = (start: number, digits: Uint8Array) =>
        handOver(output, start, digits.subarray(0, digitCount - start), counting);
      // A certificate is about all the digits, those of earlier runs too.
      const firstDigit = verify ? 0 : output.nextDigit;
      const onPhase = (phase: PiPhase): void => clock.enter(phase);
      if (await computation.run({ decimals, firstDigit, certify: verify, keeper, onPhase, onDigits })) break;
    }
    if (tally !== undefined) {
      const onShare = (share: number): void => {
        verified = share;
      };
      onShare(0);
      clock.enter('verification');
      const proven = await verifyResult(computation, { ...request, onShare });
      verification = { ...proven, ...tally.result() };
    }
  } catch (error) {
    if (asked.suspend?.aborted) {
      await keeper?.finish(() => computation.stopAndKeep(), suspensionMs, asked.signal);
    }
    throw error;
  } finally {
    await keeper?.close();
    stopWatching();
  }
  await forgetStages(checkpoints);
  request.onProgress({ phase: 'output', fraction: 1 });
  const { repeats, largestError } = computation.statistics();
  return {
    engine: 'wasm',
    version: engineVersion,
    threads,
    path: `${computation.path}, largest rounding error ${largestError.toFixed(3)}, ${repeats} products repeated`,
    phaseSeconds: clock.stop(),
    ...(verification && { verification }),
  };
}

/** Digits are copied out of the shared memory in pieces of so many. */
const pieceDigits = 1 << 20;

async function handOver(
  output: DigitOutput,
  start: number,
  digits: Uint8Array,
  tally?: DigitTally,
): Promise<void> {
  for (let from = 0; from < digits.length; from += pieceDigits) {
    const piece = digits.slice(from, from + pieceDigits);
    tally?.add(piece);
    await output.offer(start + from, piece);
  }
}

/** Loaded only when asked for, as is all that a certificate needs. */
async function newTally(): Promise<DigitTally> {
  return new (await import('../verify/digit-tally.ts')).DigitTally();
}

/** Loaded only when asked for: the last hexadecimal digits of the binary result against Bellard's formula. */
async function verifyResult(
  computation: PiComputation,
  request: DigitRequest & Pick<HexFractionOptions, 'onShare'>,
): Promise<Readonly<Record<string, unknown>>> {
  const { verifyHexTail } = await import('../verify/verify-hex-tail.ts');
  const bits = Math.floor((request.digitCount - 1) * Math.log2(10));
  const tail = await verifyHexTail(bits, async (position) => computation.hexFraction(position), request);
  const { products, repeats, largestError } = computation.statistics();
  return {
    ...tail,
    conversion: 'residue modulo 2^61 - 1 of the decimal text agrees with the binary fraction',
    checkedProducts: products,
    repeatedProducts: repeats,
    largestRoundingError: largestError,
  };
}
