import type { DigitEngine, DigitRequest, EngineProgress, EngineReport } from '@pi-jobs/core/engine';
import { piDigitBlocks } from '@pi-jobs/core/spigot';

export interface EngineRun {
  readonly digits: string;
  readonly chunkLengths: readonly number[];
  readonly progress: readonly EngineProgress[];
  readonly report: EngineReport;
}

/** Runs an engine to the end and collects all that it hands over. */
export async function runEngine(
  engine: DigitEngine,
  request: Partial<DigitRequest> & { digitCount: number },
): Promise<EngineRun> {
  const chunks: Uint8Array[] = [];
  const progress: EngineProgress[] = [];
  const report = await engine.compute({
    firstDigit: 0,
    threads: 1,
    signal: new AbortController().signal,
    onDigits: (chunk) => {
      chunks.push(chunk.slice());
    },
    onProgress: (step) => {
      progress.push(step);
    },
    ...request,
  });
  return {
    digits: Buffer.concat(chunks).toString('latin1'),
    chunkLengths: chunks.map((chunk) => chunk.length),
    progress,
    report,
  };
}

/** The first `count` digits of pi by core's spigot, the reference. */
export function referenceDigits(count: number): string {
  let digits = '';
  for (const block of piDigitBlocks()) {
    digits += block;
    if (digits.length >= count) break;
  }
  return digits.slice(0, count);
}
