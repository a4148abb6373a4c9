import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Unrecorded } from './unrecorded.ts';

test('what a full disk refuses is tried once in a look, so that a look ends and so does a stop', async () => {
  const unrecorded = new Unrecorded();
  let attempts = 0;
  const refuse = async (): Promise<void> => {
    attempts += 1;
    await delay(1);
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  };
  await unrecorded.record('a', refuse);
  await unrecorded.record('b', refuse);
  unrecorded.look();
  const isSettled = await Promise.race([unrecorded.settled().then(() => true), delay(1_000, false)]);
  expect({ isSettled, attempts }).toEqual({ isSettled: true, attempts: 4 });
});
