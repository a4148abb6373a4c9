import { PiComputation } from '@pi-jobs/bignum';
import { type DigitEngine, type DigitRequest, EngineError, type EngineReport } from '@pi-jobs/core/engine';
import { engineVersion } from '../engine-version.ts';
import { checkRequest } from '../request/check-request.ts';
import { DigitOutput } from '../request/digit-output.ts';
import { mostDigitsWithin } from '../request/most-digits-within.ts';
import { reportNothingLeft } from '../request/nothing-left.ts';
import { PhaseClock } from '../request/phase-clock.ts';
import { giveOpening } from '../spigot/give-opening.ts';
import { CheckpointPace, type PaceOptions } from './checkpoint-pace.ts';
import { estimateWasmMemory } from './estimate-memory.ts';
import { ladderOf } from './ladder.ts';
import { forgetStages, StageKeeper } from './stage-keeper.ts';
import { watchProgress } from './watch-progress.ts';

/** More than any machine has, less than what stands for the impossible. */
const mostBytes = Number.MAX_SAFE_INTEGER - 1;
/** Digits beyond those wanted when a run of nines leaves the last ones open. */
const moreDigits = 100;

export interface WasmEngineOptions {
  readonly checkpointPace?: PaceOptions;
}

/**
 * The Chudnovsky series in WebAssembly on threads: the fastest engine, where WebAssembly has relaxed SIMD and threads. Elsewhere
 * `compute` rejects with an `UnsupportedRuntimeError`, which `whyNoKernel` of the arithmetic foretells.
 */
export function createWasmEngine({ checkpointPace }: WasmEngineOptions = {}): DigitEngine {
  const engine: DigitEngine = {
    name: 'wasm',
    estimateMemoryBytes: estimateWasmMemory,
    compute: async (request) => {
      checkRequest(engine, request);
      if (estimateWasmMemory(request.digitCount, request.threads) === Number.MAX_SAFE_INTEGER) {
        const most = mostDigitsWithin(engine, mostBytes, request.threads);
        throw new EngineError(`the wasm engine ends at ${most} digits, ${request.digitCount} are too many`);
      }
      return (
        reportNothingLeft(engine.name, request) ?? computeOnTeam(request, new CheckpointPace(checkpointPace))
      );
    },
  };
  return engine;
}

async function computeOnTeam(request: DigitRequest, pace: CheckpointPace): Promise<EngineReport> {
  const { digitCount, threads, signal } = request;
  const clock = new PhaseClock();
  clock.enter('start');
  const output = new DigitOutput(request);
  let computation: PiComputation | undefined;
  try {
    await giveOpening(output, digitCount);
    computation = await PiComputation.start(digitCount + moreDigits, { threads, signal });
    return await computeWith(computation, request, output, clock, pace);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EngineError || output.cameFromSink(error)) throw error;
    throw new EngineError('the wasm engine failed', { cause: error });
  } finally {
    await computation?.stop();
  }
}

async function computeWith(
  computation: PiComputation,
  request: DigitRequest,
  output: DigitOutput,
  clock: PhaseClock,
  pace: CheckpointPace,
): Promise<EngineReport> {
  const { digitCount, threads, verify = false, checkpoints } = request;
  const onDigits = (start: number, digits: Uint8Array): Promise<void> => handOver(output, start, digits);
  clock.enter('ladder');
  for (const rung of ladderOf(digitCount, request.firstDigit)) {
    await computation.run({ decimals: rung - 1, firstDigit: output.nextDigit, onDigits });
  }
  const stopWatching = watchProgress(computation, request, clock);
  try {
    for (let decimals = digitCount - 1; ; decimals += moreDigits / 2) {
      const keeper = checkpoints && new StageKeeper(checkpoints, decimals, pace);
      const run = { decimals, firstDigit: output.nextDigit, certify: verify, keeper, onDigits };
      if (await computation.run(run)) break;
    }
  } finally {
    stopWatching();
  }
  if (verify) clock.enter('verification');
  const verification = verify ? await verifyResult(computation, request) : undefined;
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

async function handOver(output: DigitOutput, start: number, digits: Uint8Array): Promise<void> {
  const there = Math.max(0, output.nextDigit - start);
  for (let from = there; from < digits.length; from += pieceDigits) {
    await output.offer(start + from, digits.slice(from, from + pieceDigits));
  }
}

/** Loaded only when asked for: the last hexadecimal digits of the binary result against Bellard's formula. */
async function verifyResult(
  computation: PiComputation,
  request: DigitRequest,
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
