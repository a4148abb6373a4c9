import { expect, test, vi } from 'vitest';
import { createDigitEngine } from './select-engine.ts';
import { referenceDigits, runEngine } from './testing/run-engine.ts';

test('where WebAssembly lacks what the fast engine needs, BigInt computes and the report says why', async () => {
  // No flag of this runtime takes relaxed SIMD away, so the question whether it is there gets the answer of an older one.
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  const { digits, report } = await runEngine(createDigitEngine(), { digitCount: 12_000 });
  expect(digits).toBe(referenceDigits(12_000));
  expect(report).toMatchObject({ engine: 'bigint', path: expect.stringMatching(/relaxed SIMD/) });
  await expect(runEngine(createDigitEngine({ engine: 'wasm' }), { digitCount: 12_000 })).rejects.toThrow();
});
