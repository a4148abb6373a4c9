import { randomUUID } from 'node:crypto';
import { commandAndWait } from '../job/command-and-wait.ts';
import { describeRefusal } from '../job/describe-refusal.ts';
import type { JobId } from '../job/job.ts';
import type { JobObserver } from '../job/job-observer.ts';
import { isTerminal } from '../job/job-state.ts';
import type { Command, JobStore } from '../ports/job-store.ts';
import {
  type ControlledTransfer,
  type NewTransfer,
  type Reservation,
  type SlotCount,
  type TransferPage,
  type TransferQuery,
  type Worker,
  WorkerIdError,
  type WorkerSlots,
  WorkerStateError,
} from '../ports/worker-slots.ts';
import { commandWorker } from './command-worker.ts';
import { pageOfTransfers } from './list-transfers.ts';
import { StoredTransfer } from './stored-transfer.ts';
import { Unrecorded } from './unrecorded.ts';
import { viewWorker } from './view-worker.ts';
import { newWorkerRecord, type WorkerRecord } from './worker-record.ts';
import type { WorkerRegistry } from './worker-registry.ts';

const SWEEP_MS = 3600 * 1000;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface WorkerSlotsOptions {
  readonly ttlSeconds: number;
  readonly jobs: JobStore;
  readonly observer: JobObserver;
}

/** Worker ids and slots for one Job API process, on whatever store the registry is. */
export class StoredWorkerSlots implements WorkerSlots {
  readonly #registry: WorkerRegistry;
  readonly #options: WorkerSlotsOptions;
  readonly #transfers = new Set<StoredTransfer>();
  readonly #unrecorded = new Unrecorded();
  readonly #poll: NodeJS.Timeout;
  readonly #sweeping: NodeJS.Timeout;

  constructor(registry: WorkerRegistry, options: WorkerSlotsOptions) {
    this.#registry = registry;
    this.#options = options;
    this.#poll = setInterval(() => this.#look(), registry.lookMs);
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS).unref();
    this.#sweep();
  }

  /** Names this process to the others. */
  get processId(): string {
    return this.#registry.lease.processId;
  }

  async reserve(): Promise<Reservation | undefined> {
    const workerId = randomUUID();
    const expiresAt = new Date(Date.now() + this.#options.ttlSeconds * 1000).toISOString();
    const isGranted = await this.#registry.grant(newWorkerRecord(workerId, expiresAt));
    return isGranted ? { workerId, expiresAt } : undefined;
  }

  async count(): Promise<SlotCount> {
    return this.#registry.count();
  }

  async get(workerId: string): Promise<Worker | undefined> {
    const known = UUID.test(workerId) ? await this.#registry.read(workerId) : undefined;
    return known && viewWorker(known);
  }

  async listTransfers(query: TransferQuery): Promise<TransferPage> {
    return pageOfTransfers(await this.#registry.list(), query);
  }

  async check(workerId: string): Promise<void> {
    const known = UUID.test(workerId) ? await this.#registry.read(workerId) : undefined;
    mustBeReserved(known?.record);
  }

  async useForJob(workerId: string, createJob: () => Promise<JobId>): Promise<JobId> {
    await this.#use(workerId, { kind: 'digits', state: 'queued' });
    const jobId = await createJob().catch(async (error: unknown) => {
      await this.#record(workerId, { state: 'failed', error: 'the job could not be created' });
      throw error;
    });
    await this.#unrecorded.record(workerId, () => this.#registry.bindJob(workerId, jobId));
    return jobId;
  }

  async useForTransfer(
    workerId: string,
    { kind, filename, total }: NewTransfer,
  ): Promise<ControlledTransfer> {
    const record = await this.#use(workerId, { kind, filename, total, state: 'running' });
    const transfer = new StoredTransfer(this.#registry, record, async (end) => {
      this.#transfers.delete(transfer);
      await this.#record(workerId, end);
    });
    this.#transfers.add(transfer);
    return transfer;
  }

  async command(workerId: string, command: Command): Promise<Worker> {
    if (!UUID.test(workerId)) throw new WorkerIdError('no such worker id');
    const commander = {
      registry: this.#registry,
      commandJob: (worker: Worker) => this.#commandJob(worker, command),
      wake: () => this.#look(),
    };
    return commandWorker(commander, workerId, command);
  }

  /** No more signs of life; every transfer must have ended. */
  async close(): Promise<void> {
    clearInterval(this.#poll);
    clearInterval(this.#sweeping);
    await this.#unrecorded.settled();
    await this.#registry.lease.stop();
  }

  async #use(workerId: string, change: Partial<WorkerRecord>): Promise<WorkerRecord> {
    if (!UUID.test(workerId)) throw new WorkerIdError('no such worker id');
    const startedAt = new Date().toISOString();
    const token = randomUUID();
    const used = await this.#registry.update(workerId, (record) =>
      // An earlier attempt was written, and only its answer got lost.
      record.token === token
        ? undefined
        : { ...mustBeReserved(record), ...change, startedAt, process: this.processId, token },
    );
    return used ?? mustBeReserved(used);
  }

  #look(): void {
    for (const transfer of this.#transfers) void transfer.checkRequest();
    this.#unrecorded.look();
  }

  /** What cannot be removed now is removed an hour later. */
  #sweep(): void {
    this.#registry.sweep().catch(() => undefined);
  }

  async #record(workerId: string, change: Partial<WorkerRecord>): Promise<void> {
    await this.#unrecorded.record(workerId, () =>
      // What has ended has ended, whoever put it down.
      this.#registry.update(workerId, (record) =>
        isTerminal(record.state) ? undefined : { ...record, ...change },
      ),
    );
  }

  async #commandJob(worker: Worker, command: Command): Promise<Worker> {
    const { jobs, observer } = this.#options;
    if (worker.jobId === null) return worker;
    const result = await commandAndWait(jobs, observer, worker.jobId, command);
    if (result === undefined) return worker;
    const { job, outcome } = result;
    if (outcome === 'refused') {
      const { detail, members } = describeRefusal(job, command);
      throw new WorkerStateError(job.state, detail, members.allowed);
    }
    return { ...worker, state: job.state };
  }
}

function mustBeReserved(record: WorkerRecord | undefined): WorkerRecord {
  if (record === undefined) throw new WorkerIdError('no such worker id');
  if (record.state === 'reserved') return record;
  throw new WorkerIdError(
    record.state === 'expired' ? 'the worker id has expired' : 'the worker id was used already',
  );
}
