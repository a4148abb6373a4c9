import { type DigitEngine, type DigitRequest, EngineError, type EngineReport } from '@pi-jobs/core/engine';
import { piDigitBlocks } from '@pi-jobs/core/spigot';
import { engineVersion } from '../engine-version.ts';
import { checkRequest } from '../request/check-request.ts';
import { DigitOutput } from '../request/digit-output.ts';
import { reportNothingLeft } from '../request/nothing-left.ts';
import { PhaseClock } from '../request/phase-clock.ts';
import { untilSuspended } from '../request/until-suspended.ts';

/** Its blocks hold up the event loop: for 10 ms at 10,000 digits, 30 ms here. */
const mostDigits = 50_000;

/**
 * The engine of small jobs: core's spigot in the calling thread, with a turn of the event loop between blocks. It starts at once,
 * where the other engines first start a worker.
 */
export function createSpigotEngine(): DigitEngine {
  const engine: DigitEngine = {
    name: 'spigot',
    estimateMemoryBytes: (digitCount) => 1_000_000 + digitCount * 60,
    compute: async (asked) => {
      const request = untilSuspended(asked);
      checkRequest(engine, request);
      if (request.digitCount > mostDigits) {
        throw new EngineError(`the spigot ends at ${mostDigits} digits, ${request.digitCount} are too many`);
      }
      return reportNothingLeft(engine.name, request) ?? computeBySpigot(request);
    },
  };
  return engine;
}

async function computeBySpigot(request: DigitRequest): Promise<EngineReport> {
  const { digitCount, signal, verify = false } = request;
  const output = new DigitOutput(request);
  const encoder = new TextEncoder();
  const clock = new PhaseClock();
  clock.enter('digits');
  let digitsMade = 0;
  let digits = '';
  for (const block of piDigitBlocks()) {
    await output.offer(digitsMade, encoder.encode(block));
    digitsMade += block.length;
    if (verify) digits += block;
    request.onProgress({ phase: 'digits', fraction: timeShare(digitsMade, digitCount) });
    if (digitsMade >= digitCount) break;
    await nextTurn();
    signal.throwIfAborted();
  }
  if (verify) clock.enter('verification');
  const verification = verify ? await verifyDigits(digits.slice(0, digitCount), request) : undefined;
  return {
    engine: 'spigot',
    version: engineVersion,
    threads: 1,
    phaseSeconds: clock.stop(),
    ...(verification && { verification }),
  };
}

/** Loaded only when asked for, because small jobs are mostly start-up. */
async function verifyDigits(
  digits: string,
  request: DigitRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const { verifyDecimalDigits } = await import('../verify/verify-decimal-digits.ts');
  const { DigitTally } = await import('../verify/digit-tally.ts');
  const tally = new DigitTally();
  tally.add(new TextEncoder().encode(digits));
  return { ...(await verifyDecimalDigits(digits, request)), ...tally.result() };
}

/** Measured from 1,000 to 50,000 digits, the time grows as the 1.5th power of the count. */
function timeShare(digitsMade: number, digitCount: number): number {
  return Math.min(1, (digitsMade / digitCount) ** 1.5);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
