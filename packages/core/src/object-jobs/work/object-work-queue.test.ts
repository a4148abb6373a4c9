import { expect, it, vi } from 'vitest';
import type { ClaimedJob } from '../../ports/work-queue.ts';
import { piDigitBlocks } from '../../spigot/pi-digits.ts';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { ObjectDigitSource } from '../digits/object-digit-source.ts';
import { digitRecordSchema } from '../records/digit-record.ts';
import { ObjectJobStore } from '../records/object-job-store.ts';
import { RecordStore } from '../records/record-store.ts';
import { ObjectWorkQueue } from './object-work-queue.ts';

const blocks = piDigitBlocks();
let known = '';
while (known.length < 1_000) known += blocks.next().value;

const digits = (from: number, to: number): Buffer => Buffer.from(known.slice(from, to));

const context = () => ({ signal: new AbortController().signal, attempt: 1 });

async function setUp(num = 500) {
  const { store, queue } = await temporaryObjects();
  const jobs = new ObjectJobStore(store, queue);
  const { id } = await jobs.create({ num, verify: false });
  const records = new RecordStore(store, 'digits', digitRecordSchema);
  /** As after a worker that died so long ago. */
  const age = (seconds: number) =>
    records.update(id, (record) => ({
      ...record,
      messageAt: new Date(Date.now() - seconds * 1000).toISOString(),
    }));
  return { store, queue, jobs, id, age, source: new ObjectDigitSource(store) };
}

async function take(work: ObjectWorkQueue, id: string) {
  const handled = work.handle(id, context());
  const claim = await vi.waitFor(async () => {
    const found = await work.claim();
    if (found === undefined) throw new Error('nothing to claim');
    return found;
  }, 10_000);
  return { handled, claim };
}

it('computes a job from its message to its result', async () => {
  const { store, queue, jobs, id, source } = await setUp();
  const { handled, claim } = await take(new ObjectWorkQueue(store, queue), id);
  expect(await jobs.get(id)).toMatchObject({ state: 'running', progress: { digitsWritten: 0 } });
  await claim.appendDigits(digits(0, 200));
  await claim.appendDigits(digits(200, 500));
  expect(await claim.complete(null)).toBe(true);
  expect(await handled).toBe('done');
  expect(await jobs.get(id)).toMatchObject({
    state: 'completed',
    progress: { digitsWritten: 500, fraction: 1 },
  });
  const result = await source.open(id);
  expect(result).toMatchObject({ num: 500, certain: 500, complete: true });
  expect((await source.longest())?.num).toBe(500);
  // A message that comes again finds nothing to do.
  expect(await new ObjectWorkQueue(store, queue).handle(id, context())).toBe('done');
});

it('the worker that takes a job over goes on where it stopped, and a late word of the first changes nothing', async () => {
  const { store, queue, jobs, id, age, source } = await setUp();
  const first = await take(new ObjectWorkQueue(store, queue), id);
  await first.claim.appendDigits(digits(0, 300));
  await vi.waitFor(async () => expect((await source.open(id))?.certain).toBe(300), 10_000);
  expect(await new ObjectWorkQueue(store, queue).handle(id, context())).toEqual({ againInSeconds: 5 });
  await age(9);
  const second = await take(new ObjectWorkQueue(store, queue), id);
  expect(second.claim.digitsThere).toBe(300);
  await second.claim.appendDigits(digits(300, 500));
  expect(await second.claim.complete(null)).toBe(true);
  expect(await first.claim.fail('too late')).toBe(false);
  await second.handled;
  expect(await jobs.get(id)).toMatchObject({ state: 'completed', error: null });
  expect((await source.open(id))?.certain).toBe(500);
});

it('tells a running job what a client asks of it', async () => {
  for (const [command, reason, state] of [
    ['paused', 'pause', 'paused'],
    ['terminated', 'terminate', 'terminated'],
  ] as const) {
    const { store, queue, jobs, id, source } = await setUp();
    const { handled, claim } = await take(new ObjectWorkQueue(store, queue), id);
    await claim.appendDigits(digits(0, 100));
    expect((await jobs.command(id, command))?.outcome).toBe('pending');
    expect((await jobs.command(id, command))?.outcome).toBe('pending');
    await vi.waitFor(() => expect(claim.signal.reason).toMatchObject({ reason }), 10_000);
    expect(await claim.settle()).toBe(true);
    expect(await handled).toBe('done');
    expect((await jobs.get(id))?.state).toBe(state);
    expect((await source.open(id))?.certain).toBe(command === 'paused' ? 100 : 0);
    const resumed = await jobs.command(id, 'running');
    expect(resumed?.outcome).toBe(command === 'paused' ? 'done' : 'refused');
  }
});

it('does what a client asked of a job whose worker died before it could', async () => {
  for (const command of ['paused', 'terminated'] as const) {
    const { store, queue, jobs, id, age } = await setUp();
    const work = new ObjectWorkQueue(store, queue);
    await take(work, id);
    await work.close();
    await jobs.command(id, command);
    await age(9);
    expect(await new ObjectWorkQueue(store, queue).handle(id, context())).toBe('done');
    expect((await jobs.get(id))?.state).toBe(command);
  }
});

it('gives up a job whose workers die at the same place', async () => {
  const { store, queue, jobs, id, age } = await setUp();
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const work = new ObjectWorkQueue(store, queue);
    await take(work, id);
    await work.close();
    await age(9);
  }
  expect(await new ObjectWorkQueue(store, queue).handle(id, context())).toBe('done');
  expect(await jobs.get(id)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('10 attempts'),
  });
});

it('a job that was given back counts as no attempt, and waits with its note', async () => {
  const { store, queue, jobs, id } = await setUp();
  for (let turn = 0; turn < 12; turn += 1) {
    const { handled, claim } = await take(new ObjectWorkQueue(store, queue), id);
    expect(await claim.settle('waits for the storage')).toBe(true);
    expect(await handled).toEqual({ againInSeconds: 1 });
  }
  expect(await jobs.get(id)).toMatchObject({ state: 'queued', error: 'waits for the storage' });
});

it('a job that does not fit waits for its turn, and a worker that stops gives it back untouched', async () => {
  const { store, queue, jobs, id } = await setUp();
  const work = new ObjectWorkQueue(store, queue);
  const stop = new AbortController();
  const handled = work.handle(id, { signal: stop.signal, attempt: 1 });
  await vi.waitFor(async () => expect((await jobs.get(id))?.state).toBe('running'), 10_000);
  expect(await work.claim({ fits: () => false })).toBeUndefined();
  stop.abort(new Error('stopping'));
  expect(await handled).toEqual({ againInSeconds: 0 });
  expect((await jobs.get(id))?.state).toBe('queued');
});

it('copies a job out of a longer result', async () => {
  const { store, queue, jobs, id } = await setUp(500);
  const long = await take(new ObjectWorkQueue(store, queue), id);
  await long.claim.appendDigits(digits(0, 500));
  await long.claim.complete(null);
  await long.handled;
  const short = await jobs.create({ num: 60, verify: false });
  const { claim, handled } = await take(new ObjectWorkQueue(store, queue), short.id);
  const copied: Buffer[] = [];
  for await (const chunk of (claim as ClaimedJob).knownDigits() ?? []) copied.push(Buffer.from(chunk));
  expect(Buffer.concat(copied).equals(digits(0, 60))).toBe(true);
  await claim.settle();
  await handled;
});

it('requests with one key are one request, and another body with it is refused', async () => {
  const { jobs } = await setUp();
  const idempotency = { key: 'k', fingerprint: '{"num":7}' };
  const made = await Promise.all([1, 2, 3, 4].map(() => jobs.create({ num: 7, verify: false, idempotency })));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  expect(made.filter(({ replayed }) => !replayed)).toHaveLength(1);
  const other = { key: 'k', fingerprint: '{"num":8}' };
  await expect(jobs.create({ num: 8, verify: false, idempotency: other })).rejects.toMatchObject({
    kind: 'mismatch',
  });
});
