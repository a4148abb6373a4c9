import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { estimateWasmMemory } from './estimate-memory.ts';

const script = fileURLToPath(new URL('../testing/print-peak-memory.ts', import.meta.url));

/** Peak memory of a process that computes so many digits. */
async function measuredBytes(digitCount: number, threads: number): Promise<number> {
  const options = ['--conditions=@pi-jobs/source', script, String(digitCount), String(threads)];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return Number(stdout);
}

test.each([
  [1_000_000, 1],
  [1_000_000, 2],
  [5_000_000, 2],
])(
  '%i digits on %i threads take no more memory than estimated, and not much less',
  async (digits, threads) => {
    const measured = await measuredBytes(digits, threads);
    const estimate = estimateWasmMemory(digits, threads);
    expect(measured).toBeLessThanOrEqual(estimate);
    expect(measured).toBeGreaterThan(estimate / 1.25);
  },
);

test('more digits and more threads never need less', () => {
  for (let digits = 1000; digits < 1.2e9; digits *= 1.3) {
    expect(estimateWasmMemory(digits * 1.3, 2)).toBeGreaterThanOrEqual(estimateWasmMemory(digits, 2));
    expect(estimateWasmMemory(digits, 8)).toBeGreaterThan(estimateWasmMemory(digits, 1));
  }
});
