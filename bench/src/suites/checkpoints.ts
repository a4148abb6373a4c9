import { type CheckpointStore, FileJobStore, FileVolume, FileWorkQueue } from '@pi-jobs/core';
import { availableThreads, createDigitEngine } from '@pi-jobs/pi-engine';
import { interleave } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

/** What checkpoints cost a run that needs none. */
export const checkpoints: Suite = {
  name: 'checkpoints',
  title: 'Checkpoints',
  method:
    'The digit engine on all cores with a place for checkpoints, as a calculator gives it, and without, in turn: what writing them adds to the time of a run that is not interrupted, and how much of its time one was being written, which does not vary with the machine as whole runs do.',
  async run({ short }) {
    const digits = short ? 4_000_000 : 30_000_000;
    const rounds = short ? 1 : 3;
    return await withTemporaryFolder(async (folder) => {
      const volume = await FileVolume.open(folder);
      const jobs = new FileJobStore(volume);
      await jobs.create({ num: digits, verify: false });
      const queue = await FileWorkQueue.open(volume, { maxConcurrentJobs: 1 });
      const claim = await queue.claim();
      if (claim === undefined) throw new Error('the job is not there');
      const store = counting(claim.checkpoints);
      const result = await interleave(
        rounds,
        () => compute(digits, store),
        () => compute(digits, undefined),
      );
      await queue.close();
      await jobs.close();
      volume.close();
      return [
        { what: `${digits} digits without checkpoints`, value: `${result.theirs.toFixed(2)} s` },
        { what: 'checkpoints written in a run', value: (store.written / (rounds + 1)).toFixed(1) },
        {
          what: 'time that they add',
          value: `${((result.ratio - 1) * 100).toFixed(1)} %`,
          aim: 'at most 5 %',
        },
        {
          what: 'time in which one was being written',
          value: `${((store.seconds / (rounds + 1) / result.ours) * 100).toFixed(1)} %`,
          aim: 'at most 5 %',
        },
      ];
    });
  },
};

function counting(
  store: CheckpointStore,
): CheckpointStore & { readonly written: number; readonly seconds: number } {
  let written = 0;
  let seconds = 0;
  return {
    list: () => store.list(),
    read: (name) => store.read(name),
    delete: (name) => store.delete(name),
    async write(name, chunks) {
      written += 1;
      const startedAt = performance.now();
      await store.write(name, chunks);
      seconds += (performance.now() - startedAt) / 1000;
    },
    get seconds() {
      return seconds;
    },
    get written() {
      return written;
    },
  };
}

/** Seconds. */
async function compute(digitCount: number, store: CheckpointStore | undefined): Promise<number> {
  const startedAt = performance.now();
  await createDigitEngine().compute({
    digitCount,
    firstDigit: 0,
    threads: availableThreads(),
    signal: new AbortController().signal,
    onDigits: () => undefined,
    onProgress: () => undefined,
    ...(store === undefined ? {} : { checkpoints: store }),
  });
  return (performance.now() - startedAt) / 1000;
}
