import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileJobStore } from '@pi-jobs/core';
import { expect, it } from 'vitest';
import { chaosScale, chaosTimeoutMs } from '../support/chaos-scale.ts';
import { openJobStore } from '../support/job-store.ts';
import { KilledServices } from '../support/killed-services.ts';
import { LockFileWatch } from '../support/lock-file-watch.ts';
import { System } from '../support/system.ts';
import { isPrefixOfPi, resultText } from '../support/true-digits.ts';

const environment = { MAX_CONCURRENT_JOBS: '8' };

async function createJobs(store: FileJobStore, nums: readonly number[]): Promise<void> {
  for (const num of nums) await store.create({ num, verify: false });
}

async function untilAllComplete(store: FileJobStore, count: number): Promise<void> {
  for (let id = 1; id <= count; id += 1) {
    for (;;) {
      const job = await store.get(String(id));
      if (job?.state === 'completed') break;
      if (job?.state === 'failed') throw new Error(`job ${id} failed: ${job.error}`);
      await sleep(50);
    }
  }
}

async function expectExactFiles(dataDir: string, nums: readonly number[]): Promise<void> {
  for (const [index, num] of nums.entries()) {
    const text = await readFile(`${dataDir}/${index + 1}.${num}.txt`, 'latin1');
    expect(text === resultText(num), `${index + 1}.${num}.txt`).toBe(true);
  }
  expect((await readdir(dataDir)).filter((name) => name.endsWith('.lock'))).toEqual([]);
}

it.each([
  { calculators: 1, kills: 8 * chaosScale },
  { calculators: 2, kills: 24 * chaosScale },
])(
  '$calculators calculators on one volume, killed $kills times at random, complete every job with exact digits',
  async ({ calculators, kills }) => {
    // Each is longer than the one before, so that none can be copied.
    const nums = Array.from({ length: kills * 2 }, (_, i) => 1 + Math.floor((i / kills) * 20_000));
    nums.push(100_000);
    const system = await System.create();
    const store = await openJobStore(system.dataDir);
    // Before the clock runs: the truth takes a second.
    resultText(100_000);
    await createJobs(store, nums);
    const watch = new LockFileWatch(system.dataDir, (text, name) => {
      if (!isPrefixOfPi(text)) throw new Error(`${name} is no prefix of pi: ...${text.slice(-40)}`);
    });

    const killed = await KilledServices.start(system, 'pi-calculator', calculators, { env: environment });
    for (let kill = 0; kill < kills; kill += 1) {
      await killed.anyUrl();
      await sleep(Math.random() * 250);
      killed.killOne();
    }
    await untilAllComplete(store, nums.length);

    const { reads } = await watch.stop();
    expect(reads).toBeGreaterThan(10);
    await expectExactFiles(system.dataDir, nums);
  },
  chaosTimeoutMs(40),
);
