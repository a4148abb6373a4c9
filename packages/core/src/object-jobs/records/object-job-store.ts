import type { DigitJob, JobId } from '../../job/job.ts';
import { isTerminal } from '../../job/job-state.ts';
import { type CommandPlan, outcomeOf, planCommand } from '../../job/rules/command-rules.ts';
import type {
  Command,
  CommandOutcome,
  CreatedJob,
  JobPage,
  JobQuery,
  JobStore,
  NewDigitJob,
  UnfinishedCounts,
} from '../../ports/job-store.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import { type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';
import { prefixOfParts } from '../digits/digit-parts.ts';
import { JobLine } from '../line/job-line.ts';
import { formatJobMessage } from '../messages/job-message.ts';
import { ObjectCheckpoints } from '../work/object-checkpoints.ts';
import { deletePrefix } from './delete-prefix.ts';
import {
  atRest,
  type DigitRecord,
  digitRecordSchema,
  isWorkedOn,
  newDigitRecord,
  toDigitJob,
} from './digit-record.ts';
import { jobIdOfKey } from './idempotency-keys.ts';
import { isJobUuid, listIdsNewestFirst } from './list-ids.ts';
import { newJobUuid } from './new-job-uuid.ts';
import { pageOfRecords, RECORDS_PER_PAGE } from './page-of-records.ts';
import { RecordStore } from './record-store.ts';

/** Digit jobs in an object store, with a message for each that waits; any number of processes may use one store. */
export class ObjectJobStore implements JobStore {
  readonly #store: ObjectStore;
  readonly #queue: Pick<MessageQueue, 'send'>;
  readonly #records: RecordStore<DigitRecord>;
  readonly #line: JobLine;

  constructor(store: ObjectStore, queue: Pick<MessageQueue, 'send'>) {
    this.#store = store;
    this.#queue = queue;
    this.#records = new RecordStore(store, 'digits', digitRecordSchema);
    this.#line = new JobLine(store, this.#records);
  }

  /**
   * The record, then its place in the line and the message: what a crash between leaves unsent is sent by the sweeper, and so is what
   * the queue does not take. The job is on record and will run then: whoever heard of a failure would make another.
   */
  async create(job: NewDigitJob): Promise<CreatedJob> {
    const { num, idempotency } = job;
    const id = idempotency === undefined ? newJobUuid() : await jobIdOfKey(this.#store, idempotency);
    const record = newDigitRecord(id, job);
    try {
      await this.#records.create(record);
    } catch (error) {
      if (error instanceof VersionConflictError) return { id, num, replayed: true };
      throw error;
    }
    await this.#lineUp(record).catch(() => undefined);
    return { id, num, replayed: false };
  }

  async get(id: JobId): Promise<DigitJob | undefined> {
    const found = isJobUuid(id) ? await this.#records.read(id) : undefined;
    return found && toDigitJob(found.record);
  }

  list(query: JobQuery): Promise<JobPage> {
    return pageOfRecords(this.#store, query, (id) => this.#getIfReadable(id));
  }

  /** Of the newest thousand records: a store of objects keeps no count. */
  async countUnfinished(): Promise<UnfinishedCounts> {
    const counts = { queued: 0, running: 0, paused: 0 };
    let looked = 0;
    for await (const id of listIdsNewestFirst(this.#store)) {
      const state = (await this.#getIfReadable(id))?.state;
      if (state === 'queued' || state === 'running' || state === 'paused') counts[state] += 1;
      looked += 1;
      if (looked === RECORDS_PER_PAGE) break;
    }
    return counts;
  }

  async command(id: JobId, command: Command): Promise<CommandOutcome | undefined> {
    if (!isJobUuid(id)) return undefined;
    let plan: CommandPlan | undefined;
    const updated = await this.#records.update(id, (record) => {
      plan = planCommand(command, record, isWorkedOn(record));
      return afterCommand(record, plan);
    });
    if (updated === undefined || plan === undefined) return undefined;
    const { record, isChanged } = updated;
    if (isChanged && record.state === 'queued') await this.#lineUp(record);
    // A place that cannot be removed now is removed by whoever looks at the line.
    else if (isChanged && record.state !== 'running') await this.#line.leave(record).catch(() => undefined);
    if (isChanged && isTerminal(record.state)) await this.#removeWork(id);
    return { job: toDigitJob(record), outcome: outcomeOf(plan) };
  }

  async #getIfReadable(id: string): Promise<DigitJob | undefined> {
    const found = await this.#records.readIfReadable(id);
    return found && toDigitJob(found.record);
  }

  async #lineUp(record: DigitRecord): Promise<void> {
    await Promise.all([
      // One for which a slot is kept does not stand in line.
      record.keepsSlot ? undefined : this.#line.join(record),
      this.#queue.send(formatJobMessage('digits', record.id)),
    ]);
  }

  async #removeWork(id: string): Promise<void> {
    await deletePrefix(this.#store, prefixOfParts(id));
    await new ObjectCheckpoints(this.#store, id).clear();
  }
}

/** Undefined when the record stays as it is. */
function afterCommand(record: DigitRecord, plan: CommandPlan): DigitRecord | undefined {
  if (plan.does === 'nothing') return undefined;
  if (plan.does === 'ask') return { ...record, request: plan.request };
  const resting = atRest(record, plan.to, null);
  const now = new Date().toISOString();
  return plan.to === 'queued' ? { ...resting, queuedAt: now, messageAt: now } : resting;
}
