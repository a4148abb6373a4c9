import {
  type CheckpointStore,
  type DigitEngine,
  FileJobStore,
  FileVolume,
  FileWorkQueue,
} from '@pi-jobs/core';
import { createDigitEngine } from '@pi-jobs/pi-engine';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryVolume } from '../testing/compose-calculator.ts';
import { runClaim } from './run-claim.ts';

function told(store: CheckpointStore, onWrite: (name: string) => void): CheckpointStore {
  return {
    list: () => store.list(),
    read: (name) => store.read(name),
    delete: (name) => store.delete(name),
    write: (name, chunks, signal) => {
      onWrite(name);
      return store.write(name, chunks, signal);
    },
  };
}

/** Names of the checkpoints that are begun when a running job is stopped in its division, and what became of it. */
async function stoppedInDivision(command: 'terminated' | 'paused') {
  const volume = await FileVolume.open(await temporaryVolume());
  const jobs = new FileJobStore(volume);
  await jobs.create({ num: 1_000_000, verify: false });
  const queue = await FileWorkQueue.open(volume, { maxConcurrentJobs: 1 });
  onTestFinished(async () => {
    await queue.close();
    await jobs.close();
    volume.close();
  });
  const claim = (await queue.claim()) ?? expect.fail('the job is not there');
  const stop = async (): Promise<void> => {
    await jobs.command(claim.id, command);
    await queue.checkRequests();
  };
  let stopped: Promise<void> | undefined;
  const begun: string[] = [];
  const wasm = createDigitEngine();
  const engine: DigitEngine = {
    ...wasm,
    compute: ({ checkpoints, onProgress, ...request }) =>
      wasm.compute({
        ...request,
        ...(checkpoints && { checkpoints: told(checkpoints, (name) => begun.push(name)) }),
        onProgress: (progress) => {
          onProgress(progress);
          if (progress.phase === 'division') stopped ??= stop();
        },
      }),
  };
  const context = { engine, threads: 2, memoryBytes: 2 ** 30, log: pino({ level: 'silent' }) };
  await runClaim(claim, { ...context, shutdown: new AbortController().signal });
  await stopped;
  return { begun, state: (await jobs.get(claim.id))?.state };
}

// A busy machine may not look in time at a phase of milliseconds: then the job was completed, and it goes again.
it('nothing is written of a job that is terminated', async () => {
  for (let terminated = 0, attempt = 0; terminated < 3; attempt += 1) {
    expect(attempt).toBeLessThan(20);
    const { begun, state } = await stoppedInDivision('terminated');
    if (state !== 'terminated') continue;
    terminated += 1;
    expect(begun).toEqual([]);
  }
});

it('what a paused job has done is written', async () => {
  let kept: readonly string[] = [];
  // In a stretch of milliseconds, while numbers move, there is nothing.
  for (let attempt = 0; attempt < 20 && kept.length === 0; attempt += 1) {
    const { begun, state } = await stoppedInDivision('paused');
    if (state === 'paused') kept = begun;
  }
  expect(kept).not.toEqual([]);
});
