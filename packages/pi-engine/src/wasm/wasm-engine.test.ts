import { createHash } from 'node:crypto';
import { PiComputation } from '@pi-jobs/bignum';
import { describe, expect, test } from 'vitest';
import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts';
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
    const computation = await PiComputation.start(40_000, { threads });
    for (let count = 1; count <= 39_900; count += count < 1500 ? 37 : 1 + (count >> 3)) {
      let text = '';
      const onDigits = (_: number, digits: Uint8Array): void => {
        text += Buffer.from(digits).toString();
      };
      expect(await computation.run({ decimals: count, onDigits })).toBe(true);
      expect(text).toBe(reference.slice(0, count + 1));
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
  expect(report.verification).toMatchObject({
    hexTail: expect.stringMatching(/^[0-9a-f]{8}$/),
    conversion: expect.stringContaining('2^61 - 1'),
    sha256: sha256(digits),
    digitCounts: expect.objectContaining({ '7': digits.split('7').length - 1 }),
    repeatedProducts: 0,
  });
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

test('a certificate is about all digits, though only those that are missing are handed over', async () => {
  const request = { digitCount: 30_000, firstDigit: 12_345, verify: true };
  const { digits, report } = await runEngine(createWasmEngine(), request);
  expect(digits).toBe(reference.slice(12_345, 30_000));
  expect(report.verification).toMatchObject({ sha256: sha256(reference.slice(0, 30_000)) });
});

test('a run that goes on from an earlier one hands over only what is missing', async () => {
  const { digits } = await runEngine(createWasmEngine(), { digitCount: 30_000, firstDigit: 12_345 });
  expect(digits).toBe(reference.slice(12_345, 30_000));
});

test.each(['start', 'ladder', 'splitting', 'root', 'division', 'conversion'])(
  'an abort in the phase %s ends the computation at once',
  async (wanted) => {
    const controller = new AbortController();
    let abortedAt = Number.NaN;
    const stop = (phase: string): void => {
      if (phase !== wanted || controller.signal.aborted) return;
      abortedAt = performance.now();
      controller.abort(new Error('enough'));
    };
    const run = runEngine(createWasmEngine(), {
      digitCount: 3_000_000,
      threads: 2,
      signal: controller.signal,
      onDigits: () => stop('ladder'),
      onProgress: ({ phase }) => stop(phase),
    });
    if (wanted === 'start') setImmediate(stop, 'start');
    await expect(run).rejects.toThrow('enough');
    // A few milliseconds, unless the machine is busy with others.
    expect(performance.now() - abortedAt).toBeLessThan(5_000);
  },
);

test('too little memory is refused before anything is computed', async () => {
  const run = runEngine(createWasmEngine(), { digitCount: 10_000_000, memoryBytes: 50_000_000 });
  await expect(run).rejects.toThrow(/would fit/);
});

test('a run that is stopped again and again goes on from its checkpoints to the exact digits', async () => {
  const digitCount = 1_000_000;
  const checkpoints = new MemoryCheckpoints();
  const handedOver: Uint8Array[] = [];
  const seen = new Set<string>();
  // The first write, then each third, ends the run; after so many it is let through.
  let writes = 0;
  for (let stops = 0; ; ) {
    const controller = new AbortController();
    checkpoints.onWrite = (name) => {
      seen.add(name.replace(/[\d.]+$/, ''));
      if (writes++ % 3 !== 0 || stops >= 8) return;
      stops++;
      controller.abort(new Error('stopped'));
    };
    const engine = createWasmEngine({ checkpointPace: { leastSeconds: 0, mostSeconds: 0 } });
    const run = runEngine(engine, {
      digitCount,
      firstDigit: handedOver.reduce((sum, { length }) => sum + length, 0),
      threads: 1,
      checkpoints,
      signal: controller.signal,
      onDigits: (digits) => {
        handedOver.push(digits.slice());
      },
    });
    if (
      await run.then(
        () => true,
        (error: unknown) => String(error).includes('stopped') === false,
      )
    ) {
      await run;
      break;
    }
  }
  expect([...seen].toSorted()).toEqual(['wasm.division', 'wasm.fraction', 'wasm.range']);
  const digits = Buffer.concat(handedOver).toString('latin1');
  expect(digits).toHaveLength(digitCount);
  expect(sha256(digits)).toBe('595bfa0079e62b696453e7e9a35bfc4a3148447a38505a2e02dc395b9714a09d');
  expect(checkpoints.contents.size).toBe(0);
});

test('a volume that takes no checkpoints costs nothing but the checkpoints', async () => {
  const checkpoints = new MemoryCheckpoints();
  checkpoints.onWrite = (name) => {
    checkpoints.contents.delete(name);
    throw new Error('no space left');
  };
  const engine = createWasmEngine({ checkpointPace: { leastSeconds: 0, mostSeconds: 0 } });
  const { digits } = await runEngine(engine, { digitCount: 40_000, checkpoints });
  expect(digits).toBe(reference);
});

test('checkpoints of other counts, of other versions and of nothing at all are left aside', async () => {
  const checkpoints = new MemoryCheckpoints();
  const header = { version: 3, decimals: 12_345, figures: { exponent: 0, wordsT: 1, wordsQ: 1, wordsP: 1 } };
  checkpoints.contents.set('wasm.range.0.0', Buffer.from(`${JSON.stringify(header)}\n`));
  checkpoints.contents.set('wasm.range.1.0', Buffer.from('{"version":2,"decimals":29999}\nabc'));
  checkpoints.contents.set('wasm.division', Buffer.from('no line at all'));
  const short = { version: 3, decimals: 29_999, figures: { stage: 5, words0: 5 } };
  checkpoints.contents.set('wasm.fraction', Buffer.from(`${JSON.stringify(short)}\nshort`));
  const { digits } = await runEngine(createWasmEngine(), { digitCount: 30_000, checkpoints });
  expect(digits).toBe(reference.slice(0, 30_000));
  expect(checkpoints.contents.size).toBe(0);
});

test('more digits than WebAssembly has memory for are refused, with how many there may be', async () => {
  const request = { digitCount: 10_000_000_000, threads: 2 };
  await expect(runEngine(createWasmEngine(), request)).rejects.toThrow(/ends at \d{10} digits/);
  const limited = runEngine(createWasmEngine(), { ...request, memoryBytes: 2 ** 40 });
  await expect(limited).rejects.toThrow(/\d{10} digits would fit/);
});

test('a thousand million digits fit 16 GiB', () => {
  expect(createWasmEngine().estimateMemoryBytes(1_000_000_000, 2)).toBeLessThan(16 * 2 ** 30);
});
