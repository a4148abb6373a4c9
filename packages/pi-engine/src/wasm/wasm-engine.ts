import { PiComputation } from '@pi-jobs/bignum';
import { type DigitEngine, type DigitRequest, EngineError, type EngineReport } from '@pi-jobs/core/engine';
import { engineVersion } from '../engine-version.ts';
import { checkRequest } from '../request/check-request.ts';
import { DigitOutput } from '../request/digit-output.ts';
import { reportNothingLeft } from '../request/nothing-left.ts';
import { PhaseClock } from '../request/phase-clock.ts';
import { giveOpening } from '../spigot/give-opening.ts';
import { estimateWasmMemory, mostWasmDigits } from './estimate-memory.ts';
import { ladderOf } from './ladder.ts';
import { forgetStages, stageKeeper } from './stage-keeper.ts';
import { watchProgress } from './watch-progress.ts';

/** Digits beyond those wanted when a run of nines leaves the last ones open. */
const moreDigits = 100;

/**
 * The Chudnovsky series in WebAssembly on threads: the fastest engine, where WebAssembly has relaxed SIMD and threads. Elsewhere
 * `compute` rejects with an `UnsupportedRuntimeError`, which `whyNoKernel` of the arithmetic foretells.
 */
export function createWasmEngine(): DigitEngine {
  const engine: DigitEngine = {
    name: 'wasm',
    estimateMemoryBytes: estimateWasmMemory,
    compute: async (request) => {
      checkRequest(engine, request);
      if (request.digitCount > mostWasmDigits) {
        throw new EngineError(
          `the wasm engine ends at ${mostWasmDigits} digits, ${request.digitCount} are too many`,
        );
      }
      return reportNothingLeft(engine.name, request) ?? computeOnTeam(request);
    },
  };
  return engine;
}

async function computeOnTeam(request: DigitRequest): Promise<EngineReport> {
  const { digitCount, threads, signal } = request;
  const clock = new PhaseClock();
  clock.enter('start');
  const output = new DigitOutput(request);
  let computation: PiComputation | undefined;
  try {
    await giveOpening(output, digitCount);
    computation = await PiComputation.start(digitCount + moreDigits, threads, signal);
    return await computeWith(computation, request, output, clock);
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
): Promise<EngineReport> {
  const { digitCount, threads, verify = false } = request;
  clock.enter('ladder');
  for (const rung of ladderOf(digitCount, request.firstDigit)) {
    if (await computation.run(rung - 1)) await handOver(computation, output, rung);
  }
  const stopWatching = watchProgress(computation, request, clock);
  try {
    let decimals = digitCount - 1;
    const keeper = stageKeeper(request.checkpoints, decimals);
    while (!(await computation.run(decimals, keeper))) decimals += moreDigits / 2;
  } finally {
    stopWatching();
  }
  if (verify) clock.enter('verification');
  const verification = verify ? await verifyResult(computation, request) : undefined;
  clock.enter('output');
  await handOver(computation, output, digitCount);
  await forgetStages(request.checkpoints);
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

/** Digits are copied out of the shared memory in blocks of so many. */
const blockDigits = 1 << 20;

async function handOver(computation: PiComputation, output: DigitOutput, end: number): Promise<void> {
  for (let start = output.nextDigit; start < end; start += blockDigits) {
    await output.offer(start, computation.digits(start, Math.min(start + blockDigits, end)));
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
    checkedProducts: products,
    repeatedProducts: repeats,
    largestRoundingError: largestError,
  };
}
