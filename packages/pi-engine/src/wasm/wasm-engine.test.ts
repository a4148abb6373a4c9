import { createHash } from 'node:crypto';
import { PiComputation } from '@pi-jobs/bignum';
import type { CheckpointStore } from '@pi-jobs/core/engine';
import { describe, expect, test } from 'vitest';
import { referenceDigits, runEngine } from '../testing/run-engine.ts';
import { createWasmEngine } from './wasm-engine.ts';

const reference = referenceDigits(40_000);

function sha256(digits: string): string {
  return createHash('sha256')
    .update(`3.${digits.slice(1)}`)
    .digest('hex');
}

describe.each([1, 2, 3])('on %i threads', (threads) => {
  test('the kernel gives the exact digits for counts of every size up to 40,000', async () => {
    const computation = await PiComputation.start(40_000, threads);
    for (let count = 1; count <= 39_900; count += count < 1500 ? 37 : 1 + (count >> 3)) {
      expect(await computation.run(count)).toBe(true);
      expect(Buffer.from(computation.digits(0, count)).toString()).toBe(reference.slice(0, count));
    }
    expect(computation.statistics().repeats).toBe(0);
    await computation.stop();
  });
});

test('a million digits are those that are known', async () => {
  const { digits, report } = await runEngine(createWasmEngine(), {
    digitCount: 1_000_000,
    threads: 2,
    verify: true,
  });
  expect(sha256(digits)).toBe('595bfa0079e62b696453e7e9a35bfc4a3148447a38505a2e02dc395b9714a09d');
  expect(report.engine).toBe('wasm');
  expect(report.path).toMatch(/^simd-/);
  expect(report.verification?.['hexTail']).toMatch(/^[0-9a-f]{8}$/);
});

test('digits come out in growing steps, none twice, while progress only grows', async () => {
  const { digits, chunkLengths, progress } = await runEngine(createWasmEngine(), {
    digitCount: 300_000,
    threads: 2,
  });
  expect(digits).toHaveLength(300_000);
  expect(digits.slice(0, 40_000)).toBe(reference);
  expect(chunkLengths[0]).toBeLessThan(10_000);
  const fractions = progress.map(({ fraction }) => fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test('a run that goes on from an earlier one hands over only what is missing', async () => {
  const { digits } = await runEngine(createWasmEngine(), { digitCount: 30_000, firstDigit: 12_345 });
  expect(digits).toBe(reference.slice(12_345, 30_000));
});

test.each([5, 120, 400, 1200])(
  'an abort after %i ms ends the computation within 100 ms of work',
  async (delayMs) => {
    const controller = new AbortController();
    const run = runEngine(createWasmEngine(), {
      digitCount: 20_000_000,
      threads: 2,
      signal: controller.signal,
    });
    const rejection = expect(run).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const abortedAt = performance.now();
    controller.abort(new Error('enough'));
    await rejection;
    // The machine that runs the tests may be busy with others.
    expect(performance.now() - abortedAt).toBeLessThan(400);
  },
);

test('too little memory is refused before anything is computed', async () => {
  const run = runEngine(createWasmEngine(), { digitCount: 10_000_000, memoryBytes: 50_000_000 });
  await expect(run).rejects.toThrow(/would fit/);
});

/** Checkpoints in memory; `onWrite` is called when one has been written. */
class MemoryCheckpoints implements CheckpointStore {
  readonly contents = new Map<string, Uint8Array>();
  onWrite: (name: string) => void = () => {};

  async list(): Promise<string[]> {
    return [...this.contents.keys()];
  }
  async read(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const bytes = this.contents.get(name);
    return bytes && ReadableStream.from([bytes.subarray(0, 100), bytes.subarray(100)]);
  }
  async write(name: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    this.contents.set(name, Buffer.concat(await Array.fromAsync(chunks)));
    this.onWrite(name);
  }
  async delete(name: string): Promise<void> {
    this.contents.delete(name);
  }
}

test('a run that was stopped goes on from the series, and from the fraction, to the same digits', async () => {
  const digitCount = 3_000_100;
  const checkpoints = new MemoryCheckpoints();
  const stopped = async (at: string): Promise<readonly string[]> => {
    const controller = new AbortController();
    checkpoints.onWrite = (name) => name === at && controller.abort(new Error('stopped'));
    const phases: string[] = [];
    const onProgress = ({ phase }: { phase: string }) => phases.push(phase);
    const { signal } = controller;
    const run = runEngine(createWasmEngine(), { digitCount, threads: 2, checkpoints, signal, onProgress });
    await expect(run).rejects.toThrow('stopped');
    return phases;
  };
  expect(await stopped('wasm.series')).toContain('splitting');
  expect([...checkpoints.contents.keys()]).toEqual(['wasm.series']);
  expect(await stopped('wasm.fraction')).not.toContain('splitting');
  expect([...checkpoints.contents.keys()]).toContain('wasm.fraction');

  checkpoints.onWrite = () => {};
  const { digits } = await runEngine(createWasmEngine(), {
    digitCount,
    threads: 2,
    checkpoints,
    verify: true,
  });
  expect(digits).toHaveLength(digitCount);
  expect(sha256(digits.slice(0, 1_000_000))).toBe(
    '595bfa0079e62b696453e7e9a35bfc4a3148447a38505a2e02dc395b9714a09d',
  );
  expect(checkpoints.contents.size).toBe(0);
});

test('more digits than 32-bit memory holds are refused, with how many there may be', async () => {
  const request = { digitCount: 200_000_000, threads: 2 };
  await expect(runEngine(createWasmEngine(), request)).rejects.toThrow('ends at 150000000 digits');
  const limited = runEngine(createWasmEngine(), { ...request, memoryBytes: 2 ** 40 });
  await expect(limited).rejects.toThrow('150000000 digits would fit');
});
