import { readFile } from 'node:fs/promises';
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
