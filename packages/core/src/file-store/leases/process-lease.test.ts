import { readFile, stat } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../testing/temporary-volume.ts';
import { FileVolume } from '../volume/file-volume.ts';
import { ProcessLease } from './process-lease.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('tells news at each turn, however early the turn comes', async () => {
  const volume = await FileVolume.open(await temporaryFolder());
  const lease = new ProcessLease(volume.layout);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await lease.start();
  const told = async () => JSON.parse(await readFile(volume.layout.lease(lease.processId), 'utf8')).jobs;
  for (const fraction of [0.1, 0.2, 0.3]) {
    const beat = { phase: 'splitting', fraction, etaSeconds: null, digitsPerSecond: null };
    lease.setProgress(1, beat);
    vi.advanceTimersByTime(250);
    expect(await told()).toEqual({ 1: beat });
    // The write of this turn is over before the next.
    await new Promise(setImmediate);
  }
  await lease.stop();
  volume.close();
});

it('renews a lease without news at the first turn after the process stood still', async () => {
  const volume = await FileVolume.open(await temporaryFolder());
  const lease = new ProcessLease(volume.layout);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  await lease.start();
  const inode = async () => (await stat(volume.layout.lease(lease.processId))).ino;
  const first = await inode();
  vi.advanceTimersByTime(250);
  await new Promise(setImmediate);
  expect(await inode()).toBe(first);
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3_000);
  vi.advanceTimersByTime(250);
  await new Promise(setImmediate);
  expect(await inode()).not.toBe(first);
  vi.restoreAllMocks();
  await lease.stop();
  volume.close();
});
