import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createBigIntEngine } from './bigint/bigint-engine.ts';
import { createDigitEngine } from './select-engine.ts';
import { createSpigotEngine } from './spigot/spigot-engine.ts';
import { referenceDigits, runEngine } from './testing/run-engine.ts';
import { createWasmEngine } from './wasm/wasm-engine.ts';

/** SHA-256 of `3.` and the digits that follow, up to a million in all. */
const millionHash = '595bfa0079e62b696453e7e9a35bfc4a3148447a38505a2e02dc395b9714a09d';

function hashOf(digits: string): string {
  return createHash('sha256')
    .update(`3.${digits.slice(1)}`)
    .digest('hex');
}

describe.each([
  ['spigot', createSpigotEngine()],
  ['bigint', createBigIntEngine()],
  ['wasm', createWasmEngine()],
  ['wasm, led by the caller,', createWasmEngine({ callerIsFree: true })],
  ['auto', createDigitEngine()],
])('the %s engine', (_name, engine) => {
  test.each([1, 2, 3, 10, 999, 1000, 1001, 10_000, 20_000])(
    'gives the first %i digits of pi and no more',
    async (digitCount) => {
      expect((await runEngine(engine, { digitCount })).digits).toBe(referenceDigits(digitCount));
    },
  );

  test('has a thousand digits out before its threads have started', async () => {
    const times: number[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const startedAt = performance.now();
      const controller = new AbortController();
      let firstChunk = 0;
      const run = runEngine(engine, {
        digitCount: 40_000,
        signal: controller.signal,
        onDigits: (chunk) => {
          firstChunk += chunk.length;
          if (firstChunk < 1000 || controller.signal.aborted) return;
          times.push(performance.now() - startedAt);
          controller.abort();
        },
      });
      await expect(run).rejects.toThrow();
    }
    // 2 to 10 ms on a machine with nothing else to do; one that is busy is so now and then.
    expect(Math.min(...times)).toBeLessThan(200);
  });

  test('goes on at the first digit asked for, wherever it lies', async () => {
    const all = referenceDigits(12_000);
    for (const firstDigit of [1, 500, 1500, 11_999]) {
      const { digits } = await runEngine(engine, { digitCount: 12_000, firstDigit });
      expect(digits).toBe(all.slice(firstDigit));
    }
  });

  test('computes nothing when all digits are there already', async () => {
    const { digits, report } = await runEngine(engine, { digitCount: 20_000, firstDigit: 20_000 });
    expect(digits).toBe('');
    expect(report.phaseSeconds).toEqual({});
  });

  test('waits for the sink before it hands over more', async () => {
    let busy = false;
    const { report } = await runEngine(engine, {
      digitCount: 15_000,
      onDigits: async () => {
        expect(busy).toBe(false);
        busy = true;
        await new Promise((resolve) => setTimeout(resolve, 2));
        busy = false;
      },
    });
    expect(busy).toBe(false);
    expect(report.threads).toBe(1);
  });

  test('an abort is not held up by a sink that never answers', async () => {
    const controller = new AbortController();
    const reason = new Error('no patience');
    const run = runEngine(engine, {
      digitCount: 9000,
      signal: controller.signal,
      onDigits: () => {
        setImmediate(() => controller.abort(reason));
        return new Promise(() => {});
      },
    });
    await expect(run).rejects.toBe(reason);
  });

  test('rejects with what the sink rejects with', async () => {
    const diskFull = new Error('no space left');
    const run = runEngine(engine, { digitCount: 9000, onDigits: () => Promise.reject(diskFull) });
    await expect(run).rejects.toBe(diskFull);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses to compute %d digits', async (digitCount) => {
    await expect(runEngine(engine, { digitCount })).rejects.toThrow(RangeError);
  });

  test('says how much memory is missing instead of taking it', async () => {
    await expect(runEngine(engine, { digitCount: 5000, memoryBytes: 1000 })).rejects.toThrow(/memory/);
  });

  test('does nothing for a request that is already aborted', async () => {
    const reason = new Error('changed my mind');
    await expect(runEngine(engine, { digitCount: 100, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});

test('a million digits are the published ones', async () => {
  const { digits, progress, chunkLengths } = await runEngine(createBigIntEngine(), {
    digitCount: 1_000_000,
    threads: 2,
  });
  expect(hashOf(digits)).toBe(millionHash);
  expect(Math.max(...chunkLengths)).toBeLessThanOrEqual(65_536);
  const fractions = progress.map((step) => step.fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
});
