import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { newWorkerRecord } from '../../workers/worker-record.ts';
import { MessageSweeper } from '../messages/message-sweeper.ts';
import { MessageWorker } from '../messages/message-worker.ts';
import { digitRecordSchema } from '../records/digit-record.ts';
import { ObjectJobStore } from '../records/object-job-store.ts';
import { RecordStore } from '../records/record-store.ts';
import { ObjectWorkQueue } from '../work/object-work-queue.ts';
import { ObjectWorkerRegistry } from '../workers/object-worker-registry.ts';
import { JobLine } from './job-line.ts';

/** One slot; messages that come twice without an end are put aside. */
async function setUp() {
  const { store, queue } = await temporaryObjects({ maxAttempts: 2 });
  const registry = await ObjectWorkerRegistry.open(store, 1);
  onTestFinished(() => registry.lease.stop());
  const records = new RecordStore(store, 'digits', digitRecordSchema);
  return {
    store,
    queue,
    registry,
    records,
    jobs: new ObjectJobStore(store, queue),
    line: new JobLine(store, records),
    /** Takes the only slot; resolves with what gives it back. */
    async takeSlot(): Promise<() => Promise<unknown>> {
      const workerId = crypto.randomUUID();
      const until = new Date(Date.now() + 300_000).toISOString();
      expect(await registry.grant(newWorkerRecord(workerId, until))).toBe(true);
      return () => registry.update(workerId, (record) => ({ ...record, state: 'terminated' }));
    },
    startWorker(): ObjectWorkQueue {
      const work = new ObjectWorkQueue(store, queue);
      const worker = new MessageWorker({
        queue,
        concurrency: 5,
        visibilitySeconds: 1,
        handle: ({ job_id }, context) => work.handle(job_id, context),
        bury: ({ job_id }) => work.bury(job_id),
        onRoom: () => work.callNext(),
        onError: () => undefined,
        deadLetterPollMs: 50,
      });
      worker.start();
      onTestFinished(async () => {
        await work.close();
        await worker.stop();
      });
      return work;
    },
  };
}

type Line = Awaited<ReturnType<typeof setUp>>;

async function idsInLine({ line }: Line): Promise<string[]> {
  const waiting = await Array.fromAsync(line.waiting(new Set()));
  return waiting.map(({ record }) => record.id);
}

/** The job that is handed out next. */
async function nextOf(work: ObjectWorkQueue) {
  return vi.waitFor(
    async () => {
      const claim = await work.claim();
      if (claim === undefined) throw new Error('nothing to claim');
      return claim;
    },
    { timeout: 15_000, interval: 20 },
  );
}

it('a job waits for a slot as long as it takes, and its message does not grow old meanwhile', async () => {
  const test = await setUp();
  const giveBack = await test.takeSlot();
  const { id } = await test.jobs.create({ num: 5, verify: false });
  const work = test.startWorker();
  await vi.waitFor(async () => expect([...(await work.parkedIds())]).toEqual([id]), 10_000);
  expect(await test.queue.receive({ visibilitySeconds: 1 })).toBeUndefined();
  await sleep(20);
  const parkedIds = () => work.parkedIds();
  const sweeper = new MessageSweeper(test.store, test.queue, { resendAfterMs: 0, parkedIds });
  expect(await sweeper.sweep()).toBe(0);
  await work.bury(id);
  expect((await test.jobs.get(id))?.state).toBe('queued');
  await giveBack();
  expect((await nextOf(work)).id).toBe(id);
  expect(await idsInLine(test)).toEqual([]);
});

it('what does not wait any more has no place in the line, and what cannot be read stops nobody', async () => {
  const test = await setUp();
  const giveBack = await test.takeSlot();
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    ids.push((await test.jobs.create({ num: 5, verify: false })).id);
  }
  const [terminated = '', resumed = '', broken = '', changed = '', last = ''] = ids;
  await test.jobs.command(terminated, 'terminated');
  await test.jobs.command(resumed, 'paused');
  await test.jobs.command(resumed, 'running');
  await test.store.put(`jobs/${broken}`, Buffer.from('{"kind":"digits"}'));
  // As after a crash before its place was removed.
  await test.records.update(changed, (record) => ({ ...record, state: 'completed' }));
  expect(await idsInLine(test)).toEqual([last, resumed]);
  const work = test.startWorker();
  await vi.waitFor(async () => expect((await work.parkedIds()).size).toBe(2), 10_000);
  await giveBack();
  const first = await nextOf(work);
  expect(first.id).toBe(last);
  await first.fail('enough');
  expect((await nextOf(work)).id).toBe(resumed);
});

it('a job whose message was lost is called when its turn comes', async () => {
  const { store, records, ...test } = await setUp();
  const silent = new ObjectJobStore(store, { send: async () => undefined });
  const { id } = await silent.create({ num: 5, verify: false });
  const work = test.startWorker();
  const { id: second } = await test.jobs.create({ num: 5, verify: false });
  await vi.waitFor(async () => expect([...(await work.parkedIds())]).toEqual([second]), 10_000);
  const later = Date.now() + 11_000;
  vi.useFakeTimers({ now: later, toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  expect((await nextOf(work)).id).toBe(id);
});
