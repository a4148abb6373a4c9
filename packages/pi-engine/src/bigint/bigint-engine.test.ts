import type { DigitRequest } from '@pi-jobs/core/engine';
import { describe, expect, test } from 'vitest';
import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { referenceDigits, runEngine } from '../testing/run-engine.ts';
import { createBigIntEngine } from './bigint-engine.ts';
import { planDigits } from './digit-plan.ts';
import { tasks } from './tasks.ts';

const reference = referenceDigits(40_000);

test('the steps of the engine give the exact digits for every count up to 2,000', () => {
  for (let count = 1; count <= 2000; count++) {
    const { tree, bits, digits } = planDigits(count, {
      guardDigits: 16,
      smallestRungDigits: 2000,
      verify: false,
    });
    const { q, t } = tasks.split({ from: tree.from, to: tree.to, withP: false });
    const x = tasks.assemble({ root: tasks.root({ bits }), quotient: tasks.quotient({ q, t, bits }), bits });
    const printed = tasks.print({ x, bits, from: 0, to: digits });
    expect(Buffer.from(printed.digits.subarray(0, count)).toString()).toBe(reference.slice(0, count));
  }
});

test('guard digits that cannot decide the last digits lead to a second run with more of them, and no digit comes twice', async () => {
  const { digits } = await runEngine(createBigIntEngine({ guardDigits: 0 }), { digitCount: 5000 });
  expect(digits).toBe(reference.slice(0, 5000));
});

test('digits come out in growing steps long before the end', async () => {
  const arrivals: { digits: number; fraction: number }[] = [];
  let digits = 0;
  let fraction = 0;
  await runEngine(createBigIntEngine(), {
    digitCount: 500_000,
    onProgress: (step) => {
      fraction = step.fraction;
    },
    onDigits: (chunk) => {
      digits += chunk.length;
      arrivals.push({ digits, fraction });
    },
  });
  // Of the work, not of the time, which other programs take too.
  const reached = (count: number): number =>
    arrivals.find((arrival) => arrival.digits >= count)?.fraction ?? 1;
  expect(reached(1000)).toBeLessThan(0.05);
  expect(reached(5000)).toBeLessThan(0.4);
  expect(reached(50_000)).toBeLessThan(0.6);
});

test('the progress is there from the start, never goes back and names the phases in order', async () => {
  const { progress, report } = await runEngine(createBigIntEngine(), { digitCount: 200_000, verify: true });
  const fractions = progress.map((step) => step.fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBeLessThanOrEqual(1);
  const phases = [...new Set(progress.map((step) => step.phase))];
  const allPhases = ['splitting', 'division', 'conversion', 'verification'];
  expect(phases).toEqual(allPhases.filter((phase) => phases.includes(phase)));
  expect(Object.keys(report.phaseSeconds)).toEqual(allPhases);
});

describe('an abort', () => {
  const phases = ['splitting', 'division', 'conversion', 'verification'];

  test.each(phases)('during the %s ends the run with its reason', async (phase) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let digitsAfter = 0;
    let abortedAt = 0;
    const run = runEngine(createBigIntEngine(), {
      digitCount: 400_000,
      verify: true,
      signal: controller.signal,
      onProgress: (step) => {
        if (step.phase === phase && !controller.signal.aborted) {
          abortedAt = performance.now();
          controller.abort(reason);
        }
      },
      onDigits: (chunk) => {
        if (controller.signal.aborted) digitsAfter += chunk.length;
      },
    });
    await expect(run).rejects.toBe(reason);
    expect(performance.now() - abortedAt).toBeLessThan(5_000);
    expect(digitsAfter).toBe(0);
  });
});

describe('checkpoints', () => {
  const engine = createBigIntEngine({ checkpointMs: 0 });
  const digitCount = 40_000;

  /** Runs until the store has taken `writes` checkpoints, then stops as a killed process would. */
  async function interruptedAfter(writes: number, checkpoints: MemoryCheckpoints): Promise<string> {
    const controller = new AbortController();
    let left = writes;
    checkpoints.onWrite = () => {
      left--;
      if (left === 0) controller.abort(new Error('stopped'));
    };
    const chunks: Uint8Array[] = [];
    const request: Partial<DigitRequest> = { signal: controller.signal, checkpoints };
    const run = runEngine(engine, {
      ...request,
      digitCount,
      onDigits: (chunk) => {
        chunks.push(chunk.slice());
      },
    });
    await expect(run).rejects.toThrow('stopped');
    checkpoints.onWrite = () => {};
    return Buffer.concat(chunks).toString();
  }

  test.each([1, 3, 7, 12])(
    'a run stopped after %i of them goes on from there and ends with the same digits',
    async (writes) => {
      const checkpoints = new MemoryCheckpoints();
      const first = await interruptedAfter(writes, checkpoints);
      const kept = [...checkpoints.contents.keys()];
      checkpoints.written.length = 0;
      const { digits } = await runEngine(engine, { digitCount, firstDigit: first.length, checkpoints });
      expect(first + digits).toBe(reference.slice(0, digitCount));
      expect(checkpoints.written).not.toContainEqual(expect.toBeOneOf(kept));
      expect([...checkpoints.contents.keys()]).toEqual([]);
    },
  );

  test('a damaged one is computed again', async () => {
    const checkpoints = new MemoryCheckpoints();
    const first = await interruptedAfter(6, checkpoints);
    for (const bytes of checkpoints.contents.values())
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    const { digits } = await runEngine(engine, { digitCount, firstDigit: first.length, checkpoints });
    expect(first + digits).toBe(reference.slice(0, digitCount));
  });

  test('those of someone else are left alone', async () => {
    const checkpoints = new MemoryCheckpoints();
    checkpoints.contents.set('wasm.tree', Buffer.from('not mine'));
    await runEngine(engine, { digitCount: 5000, checkpoints });
    expect([...checkpoints.contents.keys()]).toEqual(['wasm.tree']);
  });

  test('one that is being written when the run is stopped is given up', async () => {
    const checkpoints = new MemoryCheckpoints();
    const controller = new AbortController();
    const stopped = new Error('stopped');
    const failure = Promise.withResolvers<unknown>();
    checkpoints.write = async (_name, chunks) => {
      try {
        for await (const _chunk of chunks) {
          controller.abort(stopped);
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
      } catch (error) {
        failure.resolve(error);
        throw error;
      }
    };
    const run = runEngine(engine, { digitCount, checkpoints, signal: controller.signal });
    await expect(run).rejects.toBe(stopped);
    expect(await failure.promise).toMatchObject({ message: expect.stringContaining('ended before') });
  });

  test('a store that cannot write ends the run with its error', async () => {
    const checkpoints = new MemoryCheckpoints();
    const diskFull = new Error('no space left');
    checkpoints.write = () => Promise.reject(diskFull);
    await expect(runEngine(engine, { digitCount, checkpoints })).rejects.toBe(diskFull);
  });
});

test('more digits than a BigInt can hold are refused', async () => {
  await expect(runEngine(createBigIntEngine(), { digitCount: 2e8 })).rejects.toThrow(/ends at/);
});
