import type { WorkerSlots } from '@pi-jobs/core';
import { workerProblems } from './worker-problems.ts';

const refuse = async (): Promise<never> => {
  throw workerProblems.no_worker_ids('worker ids need the file store: slots are counted on its volume');
};

/** Where there is no volume to count slots on, every route of worker ids says so. */
export const noWorkerSlots: WorkerSlots = {
  reserve: refuse,
  count: refuse,
  get: refuse,
  listTransfers: async () => ({ workers: [], nextCursor: null }),
  check: refuse,
  useForJob: refuse,
  useForTransfer: refuse,
  command: refuse,
};
