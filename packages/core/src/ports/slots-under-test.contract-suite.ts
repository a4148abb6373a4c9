import type { JobStore } from './job-store.ts';
import type { WorkerUnderTest } from './work-queue.contract-suite.ts';
import type { WorkerSlots } from './worker-slots.ts';

/** One Job API process. */
export interface ApiUnderTest {
  readonly slots: WorkerSlots;
  readonly jobs: JobStore;
  /** Makes the others take it for dead, as long as it says nothing more; it lives on. */
  seemDead(): Promise<void>;
  /** Ends it without a word. */
  kill(): Promise<void>;
}

export interface WorkerSlotsUnderTest extends AsyncDisposable {
  openApi(options?: { readonly maxConcurrentJobs?: number }): Promise<ApiUnderTest>;
  /** One calculator. */
  openWorker(): Promise<WorkerUnderTest>;
}

export interface SlotLimits {
  readonly maxConcurrentJobs: number;
  readonly ttlSeconds: number;
}

/** A system of its own for each test; by default two slots, and reservations that outlive the test. */
export type MakeSlots = (maxConcurrentJobs?: number, ttlSeconds?: number) => Promise<WorkerSlotsUnderTest>;

/** What comes by messages or from another process is there a moment later. */
export const WAIT = { timeout: 15_000, interval: 50 };
export const upload = { kind: 'upload', filename: 'a.txt', total: 10 } as const;

export async function mustReserve(slots: WorkerSlots): Promise<string> {
  const reservation = await slots.reserve();
  if (reservation === undefined) throw new Error('no slot is free');
  return reservation.workerId;
}

/** What `useForJob` is given. */
export function createJob(jobs: JobStore, workerId: string): () => Promise<string> {
  return async () => (await jobs.create({ num: 7, verify: false, workerId })).id;
}
