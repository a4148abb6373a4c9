import type { DigitEngine, DigitRequest, EngineReport } from '@pi-jobs/core/engine';
import { piDigitBlocks } from '@pi-jobs/core/spigot';
import { engineVersion } from '../engine-version.ts';
import { checkRequest } from '../request/check-request.ts';
import { DigitOutput } from '../request/digit-output.ts';

/**
 * The engine of small jobs: core's spigot in the calling thread, with a turn of the event loop between blocks. It starts at once,
 * where the other engines first start a worker; the time of its longest block (10 ms at 10,000 digits) holds up the event loop and
 * bounds how fast an abort is seen, so it is for small counts only.
 */
export function createSpigotEngine(): DigitEngine {
  const engine: DigitEngine = {
    name: 'spigot',
    estimateMemoryBytes: (digitCount) => 1_000_000 + digitCount * 60,
    compute: async (request) => {
      checkRequest(engine, request);
      return computeBySpigot(request);
    },
  };
  return engine;
}

async function computeBySpigot(request: DigitRequest): Promise<EngineReport> {
  const { digitCount, signal } = request;
  const startedAt = performance.now();
  const output = new DigitOutput(request);
  const encoder = new TextEncoder();
  let digitsMade = 0;
  for (const block of piDigitBlocks()) {
    await output.offer(digitsMade, encoder.encode(block));
    digitsMade += block.length;
    request.onProgress({ phase: 'digits', fraction: timeShare(digitsMade, digitCount) });
    if (digitsMade >= digitCount) break;
    await nextTurn();
    signal.throwIfAborted();
  }
  return {
    engine: 'spigot',
    version: engineVersion,
    threads: 1,
    phaseSeconds: { digits: (performance.now() - startedAt) / 1000 },
  };
}

/** Measured from 1,000 to 100,000 digits, the time grows as the 1.5th power of the count. */
function timeShare(digitsMade: number, digitCount: number): number {
  return Math.min(1, (digitsMade / digitCount) ** 1.5);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
