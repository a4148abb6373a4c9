import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openJobStore } from '../support/job-store.ts';
import { LockFileWatch } from '../support/lock-file-watch.ts';
import { System } from '../support/system.ts';
import { isPrefixOfPi, resultText } from '../support/true-digits.ts';

it('a calculator that was stopped past its lease and goes on writes nothing that anyone sees', async () => {
  const num = 100_000;
  resultText(num);
  const system = await System.create();
  const store = await openJobStore(system.dataDir);
  await store.create({ num, verify: false });
  const sleeper = await system.start('pi-calculator', { env: { LOG_LEVEL: 'info' } });
  while ((await store.get('1'))?.state !== 'running') await sleep(1);
  sleeper.signal('SIGSTOP');
  const before = await store.get('1');
  expect(before?.state, 'the job ended before its owner could be stopped').toBe('running');

  const watch = new LockFileWatch(system.dataDir, (text) => {
    if (!isPrefixOfPi(text)) throw new Error('no prefix of pi');
  });
  const stoppedAt = Date.now();
  await system.start('pi-calculator');
  while ((await store.get('1'))?.state === 'running') await sleep(20);
  expect(await store.get('1')).toMatchObject({ state: 'queued' });
  while ((await store.get('1'))?.state !== 'running') await sleep(20);
  expect(Date.now() - stoppedAt, 'taken up within seconds').toBeLessThan(15_000);

  sleeper.signal('SIGCONT');
  while ((await store.get('1'))?.state !== 'completed') await sleep(20);
  await watch.stop();
  const result = await readFile(`${system.dataDir}/1.${num}.txt`, 'latin1');
  expect(result === resultText(num)).toBe(true);
  while (!sleeper.output.includes('"end":"lost"')) await sleep(20);
  expect((await readFile(`${system.dataDir}/1.${num}.txt`, 'latin1')) === result).toBe(true);
  expect(await store.get('1')).toMatchObject({ state: 'completed' });
  expect(await sleeper.stop()).toBe(0);
});
