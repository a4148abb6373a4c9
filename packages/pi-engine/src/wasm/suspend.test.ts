import { setTimeout as sleep } from 'node:timers/promises';
import type { DigitRequest } from '@pi-jobs/core/engine';
import { expect, test } from 'vitest';
import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { type EngineRun, runEngine } from '../testing/run-engine.ts';
import { CheckpointPace } from './checkpoint-pace.ts';
import { StageKeeper } from './stage-keeper.ts';
import { createWasmEngine } from './wasm-engine.ts';

/** So many that no phase is over between two looks at the progress, unless the machine stands still. */
const digitCount = 3_000_000;
const paused = new Error('paused');
const whole = runEngine(createWasmEngine(), { digitCount, threads: 2 });

/** Time enough for a machine that is busy with others. */
const suspensionMs = 30_000;

/** A run that is suspended as soon as it is so far. */
function suspendedRun(
  { phase, fraction = 0 }: { readonly phase: string; readonly fraction?: number },
  request: Partial<DigitRequest>,
  engine = createWasmEngine({ suspensionMs }),
): Promise<EngineRun> {
  const suspend = new AbortController();
  return runEngine(engine, {
    digitCount,
    threads: 2,
    suspend: suspend.signal,
    onProgress: (progress) => {
      if (progress.phase === phase && progress.fraction >= fraction) suspend.abort(paused);
    },
    ...request,
  });
}

test.each([
  ['splitting', 0.5, /^wasm\.range\.\d+\.\d+$/, []],
  // It begins before the whole series has become what the root is taken of.
  ['root', 0, /^wasm\.(range\.0\.0|division)$/, []],
  ['division', 0, /^wasm\.division$/, ['splitting', 'root']],
  ['conversion', 0, /^wasm\.fraction$/, ['splitting', 'root', 'division']],
  ['verification', 0, /^wasm\.fraction$/, ['splitting', 'root', 'division']],
])(
  'suspended in the phase %s it has kept what it has done, and does no more of that',
  async (phase, fraction, name, done) => {
    const checkpoints = new MemoryCheckpoints();
    const verify = phase === 'verification';
    const chunks: Uint8Array[] = [];
    const onDigits = (digits: Uint8Array) => void chunks.push(digits.slice());
    const request = { checkpoints, verify, onDigits };
    // In a stretch of less than a millisecond, while numbers move, there is nothing to keep; and a phase of some may pass unseen.
    for (let attempt = 0; attempt < 20 && checkpoints.contents.size === 0; attempt++) {
      chunks.length = 0;
      const end = await suspendedRun({ phase, fraction }, request).catch((reason) => reason);
      expect(end === paused || 'report' in end, String(end)).toBe(true);
    }
    // The next phase may have begun by then.
    const names = [...checkpoints.contents.keys()];
    expect(names.length).toBeGreaterThan(0);
    if (phase === 'splitting' || verify) for (const kept of names) expect(kept).toMatch(name);
    const firstDigit = Buffer.concat(chunks).length;
    const { report } = await runEngine(createWasmEngine(), {
      ...request,
      digitCount,
      firstDigit,
      threads: 2,
    });
    for (const earlier of done) expect(report.phaseSeconds).not.toHaveProperty(earlier);
    expect(Buffer.concat(chunks).toString() === (await whole).digits).toBe(true);
    expect(checkpoints.contents.size).toBe(0);
  },
);

test('a run that is stopped for good writes nothing more', async () => {
  const checkpoints = new MemoryCheckpoints();
  const stop = new AbortController();
  const run = runEngine(createWasmEngine(), {
    digitCount,
    checkpoints,
    signal: stop.signal,
    suspend: new AbortController().signal,
    onProgress: ({ fraction }) => void (fraction >= 0.5 && stop.abort(paused)),
  });
  await expect(run).rejects.toBe(paused);
  expect(checkpoints.contents.size).toBe(0);
});

test('a word to stop for good that comes while it is being suspended breaks off what is written', async () => {
  const checkpoints = new MemoryCheckpoints();
  const terminated = new Error('terminated');
  const stop = new AbortController();
  checkpoints.beforeEnd = async (signal) => {
    stop.abort(terminated);
    expect(signal?.aborted).toBe(true);
  };
  const run = suspendedRun({ phase: 'conversion' }, { checkpoints, signal: stop.signal });
  await expect(run).rejects.toBe(terminated);
  expect(checkpoints.contents.size).toBe(0);
});

test('a store that does not answer holds no suspension up, and gets nothing half done', async () => {
  const checkpoints = new MemoryCheckpoints();
  const hanging = Promise.withResolvers<AbortSignal | undefined>();
  checkpoints.beforeEnd = (signal) => {
    hanging.resolve(signal);
    return new Promise(() => {});
  };
  const engine = createWasmEngine({ suspensionMs: 1_500 });
  await expect(suspendedRun({ phase: 'conversion' }, { checkpoints }, engine)).rejects.toBe(paused);
  expect((await hanging.promise)?.aborted).toBe(true);
  expect(checkpoints.contents.size).toBe(0);
});

test('a checkpoint that is being written when the run is suspended is finished first', async () => {
  const checkpoints = new MemoryCheckpoints();
  const suspend = new AbortController();
  let begun = 0;
  checkpoints.beforeEnd = async () => {
    if (begun++ > 0) return;
    suspend.abort(paused);
    await sleep(50);
  };
  const engine = createWasmEngine({
    checkpointPace: { leastSeconds: 0, mostSeconds: 0 },
    suspensionMs,
  });
  const run = runEngine(engine, { digitCount, checkpoints, suspend: suspend.signal });
  await expect(run).rejects.toBe(paused);
  expect(checkpoints.written).toContain(checkpoints.begun[0]);
});

test('what takes longer to write than there is time for is not begun', async () => {
  const checkpoints = new MemoryCheckpoints();
  const pace = new CheckpointPace();
  pace.wrote(1e6, 1);
  const keeper = new StageKeeper(checkpoints, 100, pace);
  const saved: boolean[] = [];
  const save = async (): Promise<void> => {
    for (const bytes of [2e6, 1e3])
      saved.push(await keeper.save(`range.${bytes}`, {}, [new Uint8Array(bytes)]));
  };
  await keeper.finish(save, 1_500, new AbortController().signal);
  expect(saved).toEqual([false, true]);
  expect(checkpoints.begun).toEqual(['wasm.range.1000']);
});
