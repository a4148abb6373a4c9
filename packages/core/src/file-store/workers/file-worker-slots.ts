import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ignoreStorageCondition } from '../../files/errno.ts';
import { commandAndWait } from '../../job/command-and-wait.ts';
import type { JobId } from '../../job/job.ts';
import type { JobObserver } from '../../job/job-observer.ts';
import { canMove, isTerminal } from '../../job/job-state.ts';
import type { Command, JobStore } from '../../ports/job-store.ts';
import {
  type ControlledTransfer,
  type Reservation,
  type SlotCount,
  type TransferPage,
  type TransferQuery,
  type Worker,
  WorkerIdError,
  type WorkerSlots,
  WorkerStateError,
} from '../../ports/worker-slots.ts';
import { ProcessLease } from '../leases/process-lease.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { FileTransfer } from './file-transfer.ts';
import { listTransfers } from './list-transfers.ts';
import { readWorker, settleWorker } from './read-worker.ts';
import { countRunningJobs, surveyWorkers } from './survey-slots.ts';
import type { WorkerRecord } from './worker-record.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const REQUEST_POLL_MS = 100;
const EFFECT_TIMEOUT_MS = 2_000;
const EFFECT_POLL_MS = 25;
const SWEEP_MS = 3600 * 1000;

export interface FileWorkerSlotsOptions {
  readonly maxConcurrentJobs: number;
  readonly ttlSeconds: number;
  readonly jobs: JobStore;
  readonly observer: JobObserver;
}

/** Worker ids and slots on the shared volume, for one Job API process; its lease tells the others that its transfers live. */
export class FileWorkerSlots implements WorkerSlots {
  readonly #volume: FileVolume;
  readonly #options: FileWorkerSlotsOptions;
  readonly #lease: ProcessLease;
  readonly #transfers = new Set<FileTransfer>();
  /** What became of worker ids and the volume did not take: until it is on record their slots stay taken. */
  readonly #unrecorded = new Map<string, Partial<WorkerRecord>>();
  #recording: Promise<void> | undefined;
  #poll: NodeJS.Timeout | undefined;
  #sweeping: NodeJS.Timeout | undefined;

  private constructor(volume: FileVolume, options: FileWorkerSlotsOptions) {
    this.#volume = volume;
    this.#options = options;
    this.#lease = new ProcessLease(volume.layout);
  }

  static async open(volume: FileVolume, options: FileWorkerSlotsOptions): Promise<FileWorkerSlots> {
    const slots = new FileWorkerSlots(volume, options);
    const sweep = (): Promise<void> => volume.workers.sweep().catch(ignoreStorageCondition);
    await sweep();
    await slots.#lease.start();
    slots.#sweeping = setInterval(() => void sweep(), SWEEP_MS).unref();
    slots.#poll = setInterval(() => slots.#look(), REQUEST_POLL_MS);
    return slots;
  }

  /** Name of this process's lease. */
  get processId(): string {
    return this.#lease.processId;
  }

  async reserve(): Promise<Reservation | undefined> {
    return this.#volume.mutex.run(async () => {
      if ((await this.#countFree()) <= 0) return undefined;
      const workerId = randomUUID();
      const expiresAt = new Date(Date.now() + this.#options.ttlSeconds * 1000).toISOString();
      await this.#volume.workers.write({
        version: 1,
        workerId,
        kind: null,
        state: 'reserved',
        expiresAt,
        startedAt: null,
        process: null,
        jobId: null,
        filename: null,
        bytes: 0,
        total: null,
        request: null,
        error: null,
      });
      return { workerId, expiresAt };
    });
  }

  async count(): Promise<SlotCount> {
    return this.#volume.mutex.run(async () => ({
      limit: this.#options.maxConcurrentJobs,
      free: Math.max(0, await this.#countFree()),
    }));
  }

  async get(workerId: string): Promise<Worker | undefined> {
    return UUID.test(workerId) ? readWorker(this.#volume, workerId) : undefined;
  }

  async listTransfers(query: TransferQuery): Promise<TransferPage> {
    return listTransfers(this.#volume, query);
  }

  async check(workerId: string): Promise<void> {
    this.#reserved(workerId);
  }

  async useForJob(workerId: string, createJob: () => Promise<JobId>): Promise<JobId> {
    await this.#use(workerId, { kind: 'digits', state: 'queued' });
    const jobId = await createJob().catch(async (error: unknown) => {
      await this.#record(workerId, { state: 'failed', error: 'the job could not be created' });
      throw error;
    });
    await this.#record(workerId, { jobId, process: null });
    return jobId;
  }

  async useForTransfer(
    workerId: string,
    {
      kind,
      filename,
      total,
    }: { readonly kind: 'upload' | 'download'; readonly filename: string; readonly total: number | null },
  ): Promise<ControlledTransfer> {
    const record = await this.#use(workerId, { kind, filename, total, state: 'running' });
    const transfer = new FileTransfer(this.#volume, this.#lease, record, async (end) => {
      this.#transfers.delete(transfer);
      await this.#record(workerId, end);
    });
    this.#transfers.add(transfer);
    return transfer;
  }

  async command(workerId: string, command: Command): Promise<Worker> {
    const deadline = performance.now() + EFFECT_TIMEOUT_MS;
    for (;;) {
      const worker = await this.get(workerId);
      if (worker === undefined) throw new WorkerIdError('no such worker id');
      if (worker.jobId !== null) return this.#commandJob(worker, worker.jobId, command);
      if (await this.#volume.mutex.run(() => this.#request(workerId, command))) break;
      if (performance.now() > deadline) throw new WorkerStateError(worker.state, 'the job is not there yet');
      await delay(EFFECT_POLL_MS);
    }
    for (const transfer of this.#transfers) if (transfer.workerId === workerId) transfer.checkRequest();
    return this.#waitUntil(workerId, command);
  }

  /** Ends the lease; every transfer must have ended. */
  async close(): Promise<void> {
    clearInterval(this.#poll);
    clearInterval(this.#sweeping);
    await this.#recording;
    await this.#lease.stop();
  }

  /** Inside the mutex. */
  async #countFree(): Promise<number> {
    const { held, earmarked } = await surveyWorkers(this.#volume);
    return this.#options.maxConcurrentJobs - held - earmarked.length - (await countRunningJobs(this.#volume));
  }

  #reserved(workerId: string): WorkerRecord {
    const stored = UUID.test(workerId) ? this.#volume.workers.read(workerId) : undefined;
    if (stored === undefined) throw new WorkerIdError('no such worker id');
    const record = settleWorker(this.#volume, stored);
    if (record.state === 'reserved') return record;
    throw new WorkerIdError(
      record.state === 'expired' ? 'the worker id has expired' : 'the worker id was used already',
    );
  }

  async #use(workerId: string, change: Partial<WorkerRecord>): Promise<WorkerRecord> {
    return this.#volume.mutex.run(async () => {
      const record = this.#reserved(workerId);
      const startedAt = new Date().toISOString();
      const process = this.#lease.processId;
      return this.#volume.workers.write({ ...record, ...change, startedAt, process });
    });
  }

  #look(): void {
    for (const transfer of this.#transfers) transfer.checkRequest();
    if (this.#unrecorded.size === 0) return;
    this.#recording ??= this.#recordAll().finally(() => {
      this.#recording = undefined;
    });
  }

  /** What has happened is true whether the volume takes it now or, when it is full, at a later look. */
  async #record(workerId: string, change: Partial<WorkerRecord>): Promise<void> {
    try {
      await this.#update(workerId, change);
    } catch (error) {
      ignoreStorageCondition(error);
      this.#unrecorded.set(workerId, change);
    }
  }

  async #recordAll(): Promise<void> {
    for (const [workerId, change] of this.#unrecorded) {
      this.#unrecorded.delete(workerId);
      await this.#record(workerId, change).catch(() => undefined);
    }
  }

  async #update(workerId: string, change: Partial<WorkerRecord>): Promise<void> {
    await this.#volume.mutex.run(async () => {
      const record = this.#volume.workers.read(workerId);
      // What has ended has ended, whoever put it down.
      if (record === undefined || isTerminal(record.state)) return;
      await this.#volume.workers.write({ ...record, ...change });
    });
  }

  async #commandJob(worker: Worker, jobId: JobId, command: Command): Promise<Worker> {
    const { jobs, observer } = this.#options;
    const result = await commandAndWait(jobs, observer, jobId, command);
    if (result === undefined) return worker;
    const { job, outcome } = result;
    if (outcome === 'refused') throw new WorkerStateError(job.state, `the job is ${job.state}`);
    return { ...worker, state: job.state };
  }

  /**
   * Inside the mutex: a reservation ends at once, of a transfer its process is asked. False while the id's digit job is being
   * created: it takes orders once it is there.
   */
  async #request(workerId: string, command: Command): Promise<boolean> {
    const stored = this.#volume.workers.read(workerId);
    if (stored === undefined) throw new WorkerIdError('no such worker id');
    const record = settleWorker(this.#volume, stored);
    const { state, request } = record;
    if (record.kind === 'digits' && !isTerminal(state)) return false;
    if (state === command && request === null) return true;
    if (state === 'reserved' && command === 'terminated') {
      await this.#volume.workers.write({ ...record, state: 'terminated' });
      return true;
    }
    const isAllowed = state !== 'reserved' && (state === command || canMove(state, command, 'client'));
    // Of a running transfer that was asked to pause, going on takes the pause back.
    if (!isAllowed || request === 'terminated') throw new WorkerStateError(state, `it is ${state}`);
    await this.#volume.workers.write({ ...record, request: command });
    return true;
  }

  async #waitUntil(workerId: string, command: Command): Promise<Worker> {
    const deadline = performance.now() + EFFECT_TIMEOUT_MS;
    for (;;) {
      const worker = readWorker(this.#volume, workerId);
      if (worker === undefined) throw new WorkerIdError('no such worker id');
      if (worker.state === command || performance.now() > deadline) return worker;
      // It ended in another way before the command could take effect.
      if (isTerminal(worker.state)) throw new WorkerStateError(worker.state, `it is ${worker.state}`);
      await delay(EFFECT_POLL_MS);
    }
  }
}
