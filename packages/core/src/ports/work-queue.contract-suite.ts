import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { piDigits } from '../spigot/pi-digits.ts';
import type { DigitSource } from './digit-source.ts';
import type { JobStore } from './job-store.ts';
import type { ClaimedJob, WorkQueue } from './work-queue.ts';

export interface WorkerUnderTest {
  readonly queue: WorkQueue;
  /** Makes the others take it for dead, as long as it says nothing more; it lives on. */
  seemDead(): Promise<void>;
  /** Ends it without a word. */
  kill(): Promise<void>;
}

export interface WorkQueueUnderTest extends AsyncDisposable {
  readonly jobs: JobStore;
  readonly digits: DigitSource;
  /** One more worker, as another calculator has it. */
  openWorker(): Promise<WorkerUnderTest>;
}

const PI = [...piDigits().take(1_000)].join('');
const digits = (from: number, to: number): Buffer => Buffer.from(PI.slice(from, to));
/** Work may come by messages: it is there a moment later. */
const WAIT = { timeout: 15_000, interval: 50 };

async function claim(
  { queue }: WorkerUnderTest,
  beforeEach: () => Promise<void> = async () => undefined,
): Promise<ClaimedJob> {
  return vi.waitFor(async () => {
    await beforeEach();
    const claimed = await queue.claim();
    if (claimed === undefined) throw new Error('nothing to claim');
    return claimed;
  }, WAIT);
}

async function textOfChunks(chunks: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  return Buffer.concat(await Array.fromAsync(chunks ?? [])).toString();
}

/** Waits until the worker has learned why it must stop. */
async function told(worker: WorkerUnderTest, claimed: ClaimedJob, reason: string): Promise<void> {
  await worker.queue.checkRequests();
  await vi.waitFor(() => expect(claimed.signal.reason).toMatchObject({ reason }), WAIT);
}

/** What every work queue does, whatever is behind it. */
export function describeWorkQueue(name: string, makeQueue: () => Promise<WorkQueueUnderTest>): void {
  describe(`work queue: ${name}`, () => {
    const create = async ({ jobs }: WorkQueueUnderTest, num: number): Promise<string> =>
      (await jobs.create({ num, verify: false })).id;
    const stateOf = async ({ jobs }: WorkQueueUnderTest, id: string) => (await jobs.get(id))?.state;
    const textOf = async (test: WorkQueueUnderTest, id: string): Promise<string> => {
      const found = await test.digits.open(id);
      return found === undefined ? '' : textOfChunks(found.readText());
    };
    /** Until readers see so many digits. */
    const seen = async (test: WorkQueueUnderTest, id: string, certain: number): Promise<void> => {
      await vi.waitFor(async () => expect((await test.digits.open(id))?.certain).toBe(certain), WAIT);
    };

    it('takes a job from the line to its result', async () => {
      await using test = await makeQueue();
      const id = await create(test, 500);
      const worker = await test.openWorker();
      const claimed = await claim(worker);
      expect(claimed).toMatchObject({ id, num: 500, verify: false, digitsThere: 0 });
      expect(await test.jobs.get(id)).toMatchObject({ state: 'running', finishedAt: null });
      await claimed.appendDigits(digits(0, 200));
      claimed.reportProgress({ phase: 'splitting', fraction: 0.4 });
      await claimed.appendDigits(digits(200, 500));
      expect(await claimed.complete(null)).toBe(true);
      const job = await test.jobs.get(id);
      expect(job).toMatchObject({ state: 'completed', progress: { digitsWritten: 500, fraction: 1 } });
      expect(job?.startedAt && job.finishedAt && job.startedAt <= job.finishedAt).toBe(true);
      expect(await textOf(test, id)).toBe(`3.${PI.slice(1, 500)}`);
      expect(await test.digits.longest()).toMatchObject({ num: 500, complete: true });
      expect(await worker.queue.claim()).toBeUndefined();
    });

    it('has all to tell of a completed job as soon as it tells that it is completed', async () => {
      await using test = await makeQueue();
      const id = await create(test, 5);
      const claimed = await claim(await test.openWorker());
      await claimed.appendDigits(digits(0, 5));
      const report = { engine: 'spigot', version: '1', threads: 1, phaseSeconds: { spigot: 0.5 } };
      const completing = claimed.complete(report);
      let first = await test.jobs.get(id);
      for (; first?.state === 'running'; first = await test.jobs.get(id)) await setImmediate();
      expect(first).toMatchObject({ state: 'completed', report });
      expect(await completing).toBe(true);
      expect(await test.jobs.get(id)).toEqual(first);
    });

    it('shows certain digits while the job runs', async () => {
      await using test = await makeQueue();
      const id = await create(test, 500);
      const claimed = await claim(await test.openWorker());
      await claimed.appendDigits(digits(0, 123));
      await seen(test, id, 123);
      const found = await test.digits.open(id);
      expect(found).toMatchObject({ num: 500, complete: false });
      expect(await textOfChunks(found?.read(3, 4))).toBe('1592');
      expect(await claimed.fail('enough')).toBe(true);
    });

    it('fails a job whose engine stops short, and one whose engine says so', async () => {
      await using test = await makeQueue();
      const worker = await test.openWorker();
      const short = await create(test, 5);
      const claimed = await claim(worker);
      await claimed.appendDigits(digits(0, 4));
      await claimed.complete(null);
      expect(await test.jobs.get(short)).toMatchObject({
        state: 'failed',
        error: 'the engine gave 4 digits instead of 5',
      });
      const failing = await create(test, 6);
      await (await claim(worker)).fail('out of memory');
      expect(await test.jobs.get(failing)).toMatchObject({ state: 'failed', error: 'out of memory' });
      expect((await test.digits.open(failing))?.certain).toBe(0);
    });

    it('gives each of many jobs to exactly one of several workers', async () => {
      await using test = await makeQueue();
      const ids: string[] = [];
      for (let count = 0; count < 9; count += 1) ids.push(await create(test, 5));
      const workers = await Promise.all([1, 2, 3].map(() => test.openWorker()));
      const taken: string[] = [];
      await vi.waitFor(async () => {
        for (const { queue } of workers) {
          const claimed = await queue.claim();
          if (claimed === undefined) continue;
          taken.push(claimed.id);
          await claimed.appendDigits(digits(0, 5));
          expect(await claimed.complete(null)).toBe(true);
        }
        expect(taken).toHaveLength(9);
      }, WAIT);
      expect([...taken].sort()).toEqual([...ids].sort());
    });

    it('does not hand out a job that does not fit, nor take it from the line', async () => {
      await using test = await makeQueue();
      const id = await create(test, 500);
      const worker = await test.openWorker();
      expect(await worker.queue.claim({ fits: () => false })).toBeUndefined();
      expect((await claim(worker)).id).toBe(id);
    });

    it('keeps no digits of a paused job that is terminated, and says so', async () => {
      await using test = await makeQueue();
      const id = await create(test, 300);
      const worker = await test.openWorker();
      const claimed = await claim(worker);
      await claimed.appendDigits(digits(0, 100));
      await test.jobs.command(id, 'paused');
      await told(worker, claimed, 'pause');
      await claimed.settle();
      await test.jobs.command(id, 'terminated');
      expect(await test.jobs.get(id)).toMatchObject({ state: 'terminated', progress: { digitsWritten: 0 } });
      expect((await test.digits.open(id))?.certain).toBe(0);
    });

    it('pauses a running job when its worker lets go, and goes on with the digits it had', async () => {
      await using test = await makeQueue();
      const id = await create(test, 300);
      const worker = await test.openWorker();
      const claimed = await claim(worker);
      await claimed.appendDigits(digits(0, 100));
      expect(await test.jobs.command(id, 'paused')).toMatchObject({ outcome: 'pending' });
      expect(await test.jobs.command(id, 'paused')).toMatchObject({ outcome: 'pending' });
      await told(worker, claimed, 'pause');
      await expect(claimed.appendDigits(digits(100, 101))).rejects.toMatchObject({ reason: 'pause' });
      expect(await claimed.settle()).toBe(true);
      expect(await test.jobs.get(id)).toMatchObject({ state: 'paused', progress: { digitsWritten: 100 } });
      expect(await worker.queue.claim()).toBeUndefined();
      expect(await test.jobs.command(id, 'running')).toMatchObject({ outcome: 'done' });
      const again = await claim(worker);
      expect(again).toMatchObject({ id, digitsThere: 100 });
      await again.appendDigits(digits(100, 300));
      expect(await again.complete(null)).toBe(true);
      expect(await textOf(test, id)).toBe(`3.${PI.slice(1, 300)}`);
    });

    it('removes the digits of a running job that is terminated', async () => {
      await using test = await makeQueue();
      const id = await create(test, 300);
      const worker = await test.openWorker();
      const claimed = await claim(worker);
      await claimed.appendDigits(digits(0, 100));
      expect(await test.jobs.command(id, 'terminated')).toMatchObject({ outcome: 'pending' });
      expect(await test.jobs.command(id, 'running')).toMatchObject({ outcome: 'refused' });
      await told(worker, claimed, 'terminate');
      await claimed.settle();
      expect(await stateOf(test, id)).toBe('terminated');
      expect((await test.digits.open(id))?.certain).toBe(0);
      expect(await test.jobs.command(id, 'running')).toMatchObject({ outcome: 'refused' });
    });

    it('tells a worker that keeps what it did for a pause when that is of no use any more', async () => {
      await using test = await makeQueue();
      const id = await create(test, 300);
      const worker = await test.openWorker();
      const claimed = await claim(worker);
      await test.jobs.command(id, 'paused');
      await told(worker, claimed, 'pause');
      expect(claimed.discard.aborted).toBe(false);
      await claimed.checkpoints.write('whole', [Buffer.from('all there is')]);
      const tooLate = new AbortController();
      const chunks = async function* () {
        yield Buffer.from('half of');
        tooLate.abort(new Error('too late'));
        yield Buffer.from(' it');
      };
      await expect(claimed.checkpoints.write('half', chunks(), tooLate.signal)).rejects.toThrow();
      expect(await claimed.checkpoints.list()).toEqual(['whole']);
      expect(await test.jobs.command(id, 'terminated')).toMatchObject({ outcome: 'pending' });
      await worker.queue.checkRequests();
      await vi.waitFor(() => expect(claimed.discard.reason).toMatchObject({ reason: 'terminate' }), WAIT);
      expect(await claimed.settle()).toBe(true);
      expect(await stateOf(test, id)).toBe('terminated');
      expect(await claimed.checkpoints.list()).toEqual([]);
    });

    it('lets the last word count when a resume overtakes a pause', async () => {
      await using test = await makeQueue();
      const id = await create(test, 300);
      const worker = await test.openWorker();
      const claimed = await claim(worker);
      await test.jobs.command(id, 'paused');
      expect(await test.jobs.command(id, 'running')).toMatchObject({ outcome: 'done' });
      await claimed.settle();
      expect(await stateOf(test, id)).toBe('queued');
    });

    it('puts a job back with a note when its worker must wait, and takes it up again', async () => {
      await using test = await makeQueue();
      const id = await create(test, 300);
      const worker = await test.openWorker();
      await (await claim(worker)).settle('waits for the storage');
      expect(await test.jobs.get(id)).toMatchObject({ state: 'queued', error: 'waits for the storage' });
      expect((await claim(worker)).id).toBe(id);
      expect(await test.jobs.get(id)).toMatchObject({ state: 'running', error: null });
    });

    it('leaves the certain digits and checkpoints of a killed worker to the next one', async () => {
      await using test = await makeQueue();
      const id = await create(test, 300);
      const first = await test.openWorker();
      const claimed = await claim(first);
      await claimed.appendDigits(digits(0, 100));
      await claimed.checkpoints.write('split', [Buffer.from('half'), Buffer.from(' done')]);
      await seen(test, id, 100);
      await first.kill();
      expect(await stateOf(test, id)).toBe('queued');
      const again = await claim(await test.openWorker());
      expect(again).toMatchObject({ id, digitsThere: 100 });
      expect(await textOfChunks(await again.checkpoints.read('split'))).toBe('half done');
      await again.appendDigits(digits(100, 300));
      expect(await again.complete(null)).toBe(true);
      expect(await again.checkpoints.list()).toEqual([]);
      expect(await textOf(test, id)).toBe(`3.${PI.slice(1, 300)}`);
    });

    it('gives no word of a worker that was taken for dead any weight', async () => {
      await using test = await makeQueue();
      const id = await create(test, 300);
      const slow = await test.openWorker();
      const old = await claim(slow);
      await old.appendDigits(digits(0, 100));
      await seen(test, id, 100);
      const next = await claim(await test.openWorker(), () => slow.seemDead());
      expect(next).toMatchObject({ id, digitsThere: 100 });
      await told(slow, old, 'lost');
      expect(old.discard.aborted).toBe(true);
      expect(await old.fail('too late')).toBe(false);
      await next.appendDigits(digits(100, 300));
      expect(await next.complete(null)).toBe(true);
      expect(await test.jobs.get(id)).toMatchObject({ state: 'completed', error: null });
      expect(await textOf(test, id)).toBe(`3.${PI.slice(1, 300)}`);
    });

    it.each(['paused', 'terminated'] as const)(
      'makes true that a job is %s whose worker died before it could',
      async (command) => {
        await using test = await makeQueue();
        const id = await create(test, 300);
        const first = await test.openWorker();
        await claim(first);
        expect(await test.jobs.command(id, command)).toMatchObject({ outcome: 'pending' });
        await first.kill();
        expect(await stateOf(test, id)).toBe(command);
        const worker = await test.openWorker();
        const other = await create(test, 5);
        expect((await claim(worker)).id).toBe(other);
        expect(await stateOf(test, id)).toBe(command);
        const resumed = await test.jobs.command(id, 'running');
        expect(resumed?.outcome).toBe(command === 'paused' ? 'done' : 'refused');
      },
    );

    it('copies what a longer result has already', async () => {
      await using test = await makeQueue();
      const worker = await test.openWorker();
      await create(test, 300);
      const long = await claim(worker);
      expect(long.knownDigits()).toBeUndefined();
      await long.appendDigits(digits(0, 300));
      await long.complete(null);
      const id = await create(test, 60);
      const short = await claim(worker);
      for await (const chunk of short.knownDigits() ?? []) await short.appendDigits(chunk);
      expect(await short.complete(null)).toBe(true);
      expect(await textOf(test, id)).toBe(`3.${PI.slice(1, 60)}`);
      expect(await test.digits.longest()).toMatchObject({ num: 300 });
    });
  });
}
