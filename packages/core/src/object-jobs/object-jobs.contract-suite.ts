import { JobObserver } from '../job/job-observer.ts';
import type { JobStoreUnderTest } from '../ports/job-store.contract-suite.ts';
import type { MessageQueue } from '../ports/message-queue.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { SlotLimits, WorkerSlotsUnderTest } from '../ports/slots-under-test.contract-suite.ts';
import type { WorkerUnderTest, WorkQueueUnderTest } from '../ports/work-queue.contract-suite.ts';
import { ObjectDigitSource } from './digits/object-digit-source.ts';
import { formatJobMessage } from './messages/job-message.ts';
import { MessageWorker } from './messages/message-worker.ts';
import { digitRecordSchema } from './records/digit-record.ts';
import { ObjectJobStore } from './records/object-job-store.ts';
import { RecordStore } from './records/record-store.ts';
import { ObjectWorkQueue } from './work/object-work-queue.ts';
import { leasesIn } from './workers/object-lease.ts';
import { ObjectWorkerSlots } from './workers/object-worker-slots.ts';

export interface ObjectsUnderTest extends AsyncDisposable {
  /** Both empty. */
  readonly store: ObjectStore;
  readonly queue: MessageQueue;
}

/** Two processes' job stores on the same objects. */
export async function objectJobs(objects: ObjectsUnderTest): Promise<JobStoreUnderTest> {
  const open = (): ObjectJobStore => new ObjectJobStore(objects.store, objects.queue);
  return { jobs: open(), other: open(), [Symbol.asyncDispose]: () => objects[Symbol.asyncDispose]() };
}

/** Objects, messages and as many calculators as are asked for. */
export async function objectWork(objects: ObjectsUnderTest): Promise<WorkQueueUnderTest> {
  const stack = new AsyncDisposableStack();
  stack.use(objects);
  return {
    jobs: new ObjectJobStore(objects.store, objects.queue),
    digits: new ObjectDigitSource(objects.store),
    openWorker: () => openWorker(stack, objects),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Objects, messages, and as many Job APIs and calculators as are asked for. */
export async function objectSlots(
  objects: ObjectsUnderTest,
  { maxConcurrentJobs, ttlSeconds }: SlotLimits,
): Promise<WorkerSlotsUnderTest> {
  const stack = new AsyncDisposableStack();
  const { store, queue } = stack.use(objects);
  return {
    async openApi(options = {}) {
      const jobs = new ObjectJobStore(store, queue);
      const observer = new JobObserver(jobs);
      const given = { maxConcurrentJobs, ttlSeconds, jobs, observer, ...options };
      const slots = await ObjectWorkerSlots.open(store, given);
      stack.defer(() => slots.close());
      const leases = leasesIn(store);
      const seemDead = async (): Promise<void> => {
        const until = new Date(Date.now() - 1_000).toISOString();
        await leases.update(slots.processId, (lease) => ({ ...lease, until }));
      };
      return { slots, jobs, seemDead, kill: () => slots.close() };
    },
    openWorker: () => openWorker(stack, objects),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function openWorker(
  stack: AsyncDisposableStack,
  { store, queue: messages }: ObjectsUnderTest,
): Promise<WorkerUnderTest> {
  const records = new RecordStore(store, 'digits', digitRecordSchema);
  const queue = new ObjectWorkQueue(store, messages);
  /** Jobs that it took up, and the token of its claim once others are to take it for dead. */
  const taken = new Map<string, string | null>();
  let isDeaf = false;
  const worker = new MessageWorker({
    queue: messages,
    concurrency: 20,
    handle: async ({ job_id: id }, context) => {
      if (isDeaf) return { againInSeconds: 0 };
      taken.set(id, null);
      return queue.handle(id, context);
    },
    bury: ({ job_id: id }) => queue.bury(id),
    onRoom: async () => (isDeaf ? undefined : queue.callNext()),
    onError: () => undefined,
  });
  worker.start();
  const stop = async (): Promise<void> => {
    await queue.close();
    await worker.stop();
  };
  stack.defer(stop);
  // As records look whose worker has told nothing for eleven seconds, and whose message comes again.
  const seemDead = async (): Promise<void> => {
    isDeaf = true;
    for (const [id, known] of taken) {
      const token = known ?? (await records.read(id))?.record.token ?? null;
      taken.set(id, token);
      const messageAt = new Date(Date.now() - 11_000).toISOString();
      const aged = await records.update(id, (record) =>
        record.state === 'running' && record.token === token ? { ...record, messageAt } : undefined,
      );
      if (aged?.isChanged === true) await messages.send(formatJobMessage('digits', id));
    }
  };
  return {
    queue,
    seemDead,
    async kill() {
      await stop();
      await seemDead();
    },
  };
}
