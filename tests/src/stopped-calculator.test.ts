import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MutexTimeoutError, VolumeMutex } from '@pi-jobs/core';
import { expect, it } from 'vitest';
import { openJobStore } from '../support/job-store.ts';
import { LockFileWatch } from '../support/lock-file-watch.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { System } from '../support/system.ts';
import { resultText } from '../support/true-digits.ts';

const NUM = 1_000_000;

it('a calculator that was stopped past its lease and goes on writes nothing that anyone sees', async () => {
  const truth = resultText(100_000);
  const system = await System.create();
  const store = await openJobStore(system.dataDir);
  await store.create({ num: NUM, verify: false });
  const sleeper = await system.start('pi-calculator', { env: { LOG_LEVEL: 'info' } });
  while (!existsSync(`${system.dataDir}/1.${NUM}.txt.lock`)) await sleep(1);
  await sleep(50);
  await stopOutsideTheMutex(sleeper, `${system.dataDir}/state/mutex`);
  expect((await store.get('1'))?.state, 'the job ended before its owner could be stopped').toBe('running');

  const watch = new LockFileWatch(system.dataDir, (text) => {
    if (!truth.startsWith(text.slice(0, truth.length))) throw new Error('no prefix of pi');
  });
  const owner = ownerOfJob(system.dataDir);
  await system.start('pi-calculator');
  // Its owner stands still, so only the end of the lease gives the job away.
  while (ownerOfJob(system.dataDir) === owner) await sleep(20);

  sleeper.signal('SIGCONT');
  while ((await store.get('1'))?.state !== 'completed') await sleep(20);
  await watch.stop();
  const result = readFileSync(`${system.dataDir}/1.${NUM}.txt`, 'latin1');
  expect(result.length).toBe(NUM + 1);
  expect(result.startsWith(truth) && result.endsWith('577945815')).toBe(true);
  while (!sleeper.output.includes('"end":"lost"')) await sleep(20);
  expect(readFileSync(`${system.dataDir}/1.${NUM}.txt`, 'latin1') === result).toBe(true);
  expect(await store.get('1')).toMatchObject({ state: 'completed' });
  expect(await sleeper.stop()).toBe(0);
}, 120_000);

/** Whose the job is by its record; undefined once the record is closed. */
function ownerOfJob(dataDir: string): string | undefined {
  const path = `${dataDir}/state/open/1.json`;
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')).owner?.calculator;
}

/** A process that is stopped within a step on the volume holds up everybody, by design: it is let go on and stopped again. */
async function stopOutsideTheMutex(service: ServiceProcess, path: string): Promise<void> {
  const mutex = new VolumeMutex(path, { timeoutMs: 200 });
  try {
    for (;;) {
      service.signal('SIGSTOP');
      try {
        await mutex.run(() => undefined);
        return;
      } catch (error) {
        if (!(error instanceof MutexTimeoutError)) throw error;
        service.signal('SIGCONT');
        await sleep(5);
      }
    }
  } finally {
    mutex.close();
  }
}
