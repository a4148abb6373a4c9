import { EngineError } from '@pi-jobs/core/engine';
import { afterEach, expect, test } from 'vitest';
import { packInteger, unpackInteger } from './packed-integer.ts';
import { WorkerPool } from './worker-pool.ts';

const pools: WorkerPool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

function poolOf(size: number): WorkerPool {
  const pool = new WorkerPool(size);
  pools.push(pool);
  return pool;
}

test('tasks that wait run in the order of their priority', async () => {
  const pool = poolOf(1);
  const finished: number[] = [];
  await Promise.all(
    [0, 5, 2, 9, 2, -1].map(async (priority) => {
      await pool.run('root', { bits: 100 }, priority);
      finished.push(priority);
    }),
  );
  expect(finished).toEqual([0, -1, 2, 2, 5, 9]);
});

test('what a task throws becomes an engine error that names the step, and the thread goes on', async () => {
  const pool = poolOf(1);
  const broken = new SharedArrayBuffer(10);
  const failing = pool.run('multiply', { left: broken, right: broken }, 0);
  await expect(failing).rejects.toThrow(EngineError);
  await expect(failing).rejects.toThrow(/multiply/);
  const product = await pool.run('multiply', { left: packInteger(6n), right: packInteger(-7n) }, 0);
  expect(unpackInteger(product)).toBe(-42n);
});

test('closing rejects what runs and what waits, and ends the threads in the middle of their work', async () => {
  const pool = poolOf(1);
  const outcomes = Promise.allSettled([
    pool.run('split', { from: 0, to: 1_000_000, withP: true }, 0),
    pool.run('root', { bits: 100 }, 1),
  ]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const startedAt = performance.now();
  await pool.close();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  await expect(pool.run('root', { bits: 100 }, 0)).rejects.toThrow(/closed/);
});
