import { type DigitEngine, type DigitRequest, EngineError, type EngineReport } from '@pi-jobs/core/engine';
import { engineVersion } from '../engine-version.ts';
import { abortable } from '../request/abortable.ts';
import { checkRequest } from '../request/check-request.ts';
import { DigitOutput } from '../request/digit-output.ts';
import { reportNothingLeft } from '../request/nothing-left.ts';
import { PhaseClock } from '../request/phase-clock.ts';
import { untilSuspended } from '../request/until-suspended.ts';
import { openingDigits } from '../spigot/give-opening.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { computeDigits, type RunResult } from './compute-digits.ts';
import { type DigitPlan, planDigits } from './digit-plan.ts';
import { estimateBigIntMemory } from './estimate-memory.ts';
import { ProgressMeter } from './progress-meter.ts';
import { StepRunner } from './step-runner.ts';
import { WorkerPool } from './worker-pool.ts';

/** Q of the whole series must stay below V8's largest BigInt, 2^30 bits. */
const mostDigits = 100_000_000;

/** Below this the start of another thread takes longer than it saves. */
const fewestDigitsToShare = 100_000;
/** What an undecided run is repeated with on top. */
const moreGuardDigits = 48;

export interface BigIntEngineOptions {
  /** Digits computed beyond those wanted; 16 leave one run in 10^15 undecided, which is then done again with more. */
  readonly guardDigits?: number;
  /** Parts of the work that took about so many milliseconds are kept as checkpoints; default 2,000. */
  readonly checkpointMs?: number;
}

/** The Chudnovsky series by binary splitting on BigInt in worker threads: runs wherever Node runs. */
export function createBigIntEngine(options: BigIntEngineOptions = {}): DigitEngine {
  const { guardDigits = 16, checkpointMs = 2000 } = options;
  const engine: DigitEngine = {
    name: 'bigint',
    estimateMemoryBytes: estimateBigIntMemory,
    compute: async (asked) => {
      const request = untilSuspended(asked);
      checkRequest(engine, request);
      if (request.digitCount > mostDigits) {
        throw new EngineError(
          `the BigInt engine ends at ${mostDigits} digits, ${request.digitCount} are too many`,
        );
      }
      const nothingLeft = reportNothingLeft(engine.name, request);
      if (nothingLeft !== undefined) return nothingLeft;
      const threads = request.digitCount < fewestDigitsToShare ? 1 : request.threads;
      return computeUntilCertain(neverBack({ ...request, threads }), guardDigits, checkpointMs);
    },
  };
  return engine;
}

/** Repeats the run with more guard digits in the rare case that they could not decide the last digits. */
async function computeUntilCertain(
  request: DigitRequest,
  guardDigits: number,
  checkpointMs: number,
): Promise<EngineReport> {
  const output = new DigitOutput(request);
  const clock = new PhaseClock();
  const runWith = (guard: number): Promise<RunResult> => {
    const plan = planDigits(request.digitCount, {
      guardDigits: guard,
      smallestRungDigits: 2 * openingDigits,
      verify: request.verify === true,
    });
    return runOnce(request, plan, checkpointMs, output, clock);
  };
  let result = await runWith(guardDigits);
  for (let guard = guardDigits; result.certainDigits < request.digitCount; ) {
    guard += moreGuardDigits;
    result = await runWith(guard);
  }
  return {
    engine: 'bigint',
    version: engineVersion,
    threads: request.threads,
    phaseSeconds: clock.stop(),
    ...(result.verification && { verification: result.verification }),
  };
}

/** The request with a progress that stands still where a repeated run would go back. */
function neverBack(request: DigitRequest): DigitRequest {
  let reached = 0;
  return {
    ...request,
    onProgress: ({ phase, fraction }) => {
      reached = Math.max(reached, fraction);
      request.onProgress({ phase, fraction: reached });
    },
  };
}

async function runOnce(
  request: DigitRequest,
  plan: DigitPlan,
  checkpointMs: number,
  output: DigitOutput,
  clock: PhaseClock,
): Promise<RunResult> {
  const pool = new WorkerPool(request.threads);
  const checkpoints = new CheckpointKeeper(request.checkpoints);
  const meter = new ProgressMeter(plan.totalMs, request.onProgress);
  const steps = new StepRunner(pool, meter);
  try {
    await checkpoints.open();
    request.signal.throwIfAborted();
    const run = { request, plan, checkpointMs, output, steps, checkpoints, clock };
    return await abortable(request.signal, Promise.race([computeDigits(run), steps.failure]));
  } catch (error) {
    output.close();
    throw error;
  } finally {
    meter.stop();
    checkpoints.close();
    await pool.close();
  }
}
