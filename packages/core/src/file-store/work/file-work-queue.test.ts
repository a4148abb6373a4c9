import { existsSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ClaimedJob } from '../../ports/work-queue.ts';
import { openStore, openVolume, temporaryFolder } from '../../testing/temporary-volume.ts';
import { DigitFileWriter } from '../digits/digit-file.ts';
import { FileDigitSource } from '../digits/file-digit-source.ts';
import { ProcessLease } from '../leases/process-lease.ts';
import { FileWorkQueue } from './file-work-queue.ts';

const PI = '31415926535897932384626433832795';
const digits = (from: number, to: number): Buffer => Buffer.from(PI.slice(from, to));

const timersOf = new Map<FileWorkQueue, NodeJS.Timeout[]>();

async function openSystem(maxConcurrentJobs = 10) {
  const folder = await temporaryFolder();
  const volume = await openVolume(folder);
  const store = openStore(volume);
  const openQueue = async () => {
    const volume = await openVolume(folder);
    const timers = vi.spyOn(globalThis, 'setInterval');
    const queue = await FileWorkQueue.open(volume, { maxConcurrentJobs });
    timersOf.set(
      queue,
      timers.mock.results.map(({ value }) => value),
    );
    timers.mockRestore();
    onTestFinished(() => queue.close());
    return queue;
  };
  return { folder, volume, store, openQueue, create: (num: number) => store.create({ num, verify: false }) };
}

async function mustClaim(queue: FileWorkQueue): Promise<ClaimedJob> {
  const claim = await queue.claim();
  if (claim === undefined) throw new Error('nothing to claim');
  return claim;
}

/** What a calculator's lease looks like five seconds after it was killed; on a slow machine a live one would renew it meanwhile. */
async function expireLease(folder: string, queue: FileWorkQueue): Promise<void> {
  for (const timer of timersOf.get(queue) ?? []) clearInterval(timer);
  // A renewal that has begun.
  await delay(20);
  const past = new Date(Date.now() - 5_000);
  await utimes(`${folder}/state/leases/${queue.calculator}.json`, past, past);
}

describe('a claim', () => {
  it('shows certain digits under the lock name and all of them under the final one', async () => {
    const { folder, store, openQueue, create } = await openSystem();
    await create(5);
    const claim = await mustClaim(await openQueue());
    await claim.appendDigits(digits(0, 3));
    expect(await readFile(`${folder}/1.5.txt.lock`, 'latin1')).toBe('3.14');
    expect(await store.get('1')).toMatchObject({ state: 'running', progress: { digitsWritten: 3 } });
    await claim.appendDigits(digits(3, 5));
    expect(await claim.complete(null)).toBe(true);
    expect(await readFile(`${folder}/1.5.txt`, 'latin1')).toBe('3.1415');
    expect(existsSync(`${folder}/1.5.txt.lock`)).toBe(false);
    expect(await store.get('1')).toMatchObject({
      state: 'completed',
      progress: { digitsWritten: 5, fraction: 1 },
    });
  });

  it('that fails over what another job left to be done is made again at the next look', async () => {
    const { folder, volume, store, create } = await openSystem();
    await create(5);
    await create(6);
    await store.command('1', 'paused');
    const refused = Object.assign(new Error('directory not empty'), { code: 'ENOTEMPTY' });
    vi.spyOn(volume.records, 'removeOpen').mockRejectedValueOnce(refused);
    await expect(store.command('1', 'terminated')).rejects.toThrow(refused);
    const own = await openVolume(folder);
    const queue = await FileWorkQueue.open(own, { maxConcurrentJobs: 10 });
    onTestFinished(() => queue.close());
    vi.spyOn(own.records, 'removeOpen').mockRejectedValueOnce(refused);
    await expect(queue.claim()).rejects.toThrow(refused);
    expect(await queue.claim()).toMatchObject({ id: '2' });
  });

  it('closes the digits of a job that it cannot take up after all, and takes it at its next look', async () => {
    const { openQueue, create } = await openSystem();
    await create(5);
    const queue = await openQueue();
    const failing = Object.assign(new Error('i/o error'), { code: 'EIO' });
    const take = vi.spyOn(ProcessLease.prototype, 'setProgress').mockImplementationOnce(() => {
      throw failing;
    });
    const close = vi.spyOn(DigitFileWriter.prototype, 'close');
    onTestFinished(() => void [take, close].map((spy) => spy.mockRestore()));
    await expect(queue.claim()).rejects.toBe(failing);
    expect(close).toHaveBeenCalledOnce();
    expect(await queue.claim()).toMatchObject({ id: '1' });
  });

  it('writes one digit without a point', async () => {
    const { folder, openQueue, create } = await openSystem();
    await create(1);
    const claim = await mustClaim(await openQueue());
    await claim.appendDigits(digits(0, 1));
    await claim.complete(null);
    expect(await readFile(`${folder}/1.1.txt`, 'latin1')).toBe('3');
  });

  it('fails the job when the engine stops short', async () => {
    const { folder, store, openQueue, create } = await openSystem();
    await create(5);
    const claim = await mustClaim(await openQueue());
    await claim.appendDigits(digits(0, 4));
    await claim.complete(null);
    expect(await store.get('1')).toMatchObject({
      state: 'failed',
      error: 'the engine gave 4 digits instead of 5',
    });
    expect(existsSync(`${folder}/1.5.txt.lock`)).toBe(false);
  });

  it('is refused while every slot of the volume is taken, whoever asks', async () => {
    const { openQueue, create } = await openSystem(1);
    await create(5);
    await create(6);
    const first = await mustClaim(await openQueue());
    const other = await openQueue();
    expect(await other.claim()).toBeUndefined();
    await first.appendDigits(digits(0, 5));
    await first.complete(null);
    expect((await mustClaim(other)).id).toBe('2');
  });

  it('comes in the order of creation, and a job that was let go keeps its place', async () => {
    const { openQueue, create } = await openSystem();
    for (const num of [5, 6, 7]) await create(num);
    const queue = await openQueue();
    const first = await mustClaim(queue);
    await first.settle();
    const order = [await mustClaim(queue), await mustClaim(queue), await mustClaim(queue)].map(
      ({ id }) => id,
    );
    expect(order).toEqual(['1', '2', '3']);
  });

  it('is not repeated for a job whose result is there already', async () => {
    const { folder, store, openQueue, create } = await openSystem();
    await create(5);
    await writeFile(`${folder}/1.5.txt`, '3.1415');
    expect(await (await openQueue()).claim()).toBeUndefined();
    expect(await store.get('1')).toMatchObject({ state: 'completed' });
  });
});

describe('an owner that let go', () => {
  it('leaves its very file, so that going on takes no copy of it', async () => {
    const { folder, openQueue, create } = await openSystem();
    await create(8);
    const first = await mustClaim(await openQueue());
    await first.appendDigits(digits(0, 4));
    const { ino } = await stat(`${folder}/1.8.txt.lock`);
    await first.settle();
    const second = await mustClaim(await openQueue());
    await second.appendDigits(digits(4, 6));
    expect((await stat(`${folder}/1.8.txt.lock`)).ino).toBe(ino);
    expect(await readFile(`${folder}/1.8.txt.lock`, 'latin1')).toBe('3.14159');
  });
});

it('takes a lease from the far future for a dead one: the clock was set back', async () => {
  const { folder, store, openQueue, create } = await openSystem();
  await create(5);
  const queue = await openQueue();
  await mustClaim(queue);
  expect(await store.get('1')).toMatchObject({ state: 'running' });
  const future = new Date(Date.now() + 3_600_000);
  await utimes(`${folder}/state/leases/${queue.calculator}.json`, future, future);
  expect(await store.get('1')).toMatchObject({ state: 'queued' });
});

describe('the search for the next job', () => {
  it('passes finished jobs once, a bounded number at a time', async () => {
    const { folder, openQueue, create } = await openSystem();
    const ids = Array.from({ length: 2_500 }, (_, index) => index + 1);
    await writeFile(`${folder}/jobs.txt`, ids.map((id) => `${id}, 1\n`).join(''));
    for (const id of ids) writeFileSync(`${folder}/${id}.1.txt`, '3');
    await create(5);
    const queue = await openQueue();
    expect(await queue.claim()).toBeUndefined();
    expect(await readFile(`${folder}/state/cursor`, 'utf8')).toBe('2000\n');
    expect((await mustClaim(queue)).id).toBe('2501');
    expect(await queue.claim()).toBeUndefined();
    expect(await readFile(`${folder}/state/cursor`, 'utf8')).toBe('2501\n');
  });

  it('finds new jobs under ids that the ledger has had before it was cut', async () => {
    const { folder, openQueue, create } = await openSystem();
    await writeFile(`${folder}/state/cursor`, '50\n');
    const queue = await openQueue();
    expect(await queue.claim()).toBeUndefined();
    await create(5);
    expect((await mustClaim(queue)).id).toBe('1');
  });
});

describe('a dead owner', () => {
  it('leaves its certain digits to the next calculator', async () => {
    const { folder, store, openQueue, create } = await openSystem();
    await create(8);
    const dead = await openQueue();
    await (await mustClaim(dead)).appendDigits(digits(0, 4));
    const next = await openQueue();
    expect(await next.claim()).toBeUndefined();
    await expireLease(folder, dead);
    expect(await store.get('1')).toMatchObject({ state: 'queued', progress: { digitsWritten: 4 } });
    const claim = await mustClaim(next);
    expect(claim.digitsThere).toBe(4);
    await claim.appendDigits(digits(4, 8));
    await claim.complete(null);
    expect(await readFile(`${folder}/1.8.txt`, 'latin1')).toBe('3.1415926');
  });

  it('that is not dead after all writes no file that anybody reads', async () => {
    const { folder, openQueue, create } = await openSystem();
    await create(8);
    const slow = await openQueue();
    const old = await mustClaim(slow);
    await old.appendDigits(digits(0, 4));
    await expireLease(folder, slow);
    const claim = await mustClaim(await openQueue());
    await old.appendDigits(Buffer.from('99'));
    await claim.appendDigits(digits(4, 6));
    expect(await readFile(`${folder}/1.8.txt.lock`, 'latin1')).toBe('3.14159');
    expect(await old.complete(null)).toBe(false);
    await claim.appendDigits(digits(6, 8));
    expect(await claim.complete(null)).toBe(true);
    expect(await readFile(`${folder}/1.8.txt`, 'latin1')).toBe('3.1415926');
  });

  it('leaves a checkpoint half written, which goes when the job is taken over; the whole ones stay', async () => {
    const { folder, openQueue, create } = await openSystem();
    await create(8);
    const dying = await openQueue();
    const { checkpoints } = await mustClaim(dying);
    await checkpoints.write('whole', [Buffer.from('state')]);
    const [begun, rest] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    async function* halves() {
      yield Buffer.from('half');
      begun.resolve();
      await rest.promise;
    }
    const late = checkpoints.write('split', halves());
    await begun.promise;
    const files = () => readdir(`${folder}/state/checkpoints/1`);
    expect(await files()).toHaveLength(2);
    await expireLease(folder, dying);
    await mustClaim(await openQueue());
    expect(await files()).toEqual(['whole.checkpoint']);
    // Its writer was not dead after all: it has lost the job, and what it writes comes to nothing.
    rest.resolve();
    await expect(late).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await files()).toEqual(['whole.checkpoint']);
  });

  it('learns that it lost the job', async () => {
    const { folder, openQueue, create } = await openSystem();
    await create(8);
    const slow = await openQueue();
    const old = await mustClaim(slow);
    await expireLease(folder, slow);
    await mustClaim(await openQueue());
    await slow.checkRequests();
    expect(old.signal.reason).toMatchObject({ reason: 'lost' });
  });

  it('has what it left cut where it is no digits any more', async () => {
    const { folder, openQueue, create } = await openSystem();
    await create(8);
    const dead = await openQueue();
    await mustClaim(dead);
    await writeFile(`${folder}/1.8.txt.lock`, '3.14\0\0');
    await expireLease(folder, dead);
    expect((await mustClaim(await openQueue())).digitsThere).toBe(3);
  });

  it('that died between the rename and the record leaves a completed job', async () => {
    const { folder, volume, store, openQueue, create } = await openSystem();
    await create(5);
    const dead = await openQueue();
    await mustClaim(dead);
    await writeFile(`${folder}/1.5.txt`, '3.1415');
    await expireLease(folder, dead);
    expect(await (await openQueue()).claim()).toBeUndefined();
    expect(existsSync(`${folder}/state/open/1.json`)).toBe(false);
    expect(await store.get('1')).toMatchObject({ state: 'completed' });
    expect(await new FileDigitSource(volume).longest()).toMatchObject({ num: 5 });
  });

  it('that died between the closed record and the open one leaves no open one behind for long', async () => {
    const { folder, openQueue, create } = await openSystem();
    await create(5);
    const queue = await openQueue();
    const claim = await mustClaim(queue);
    const open = await readFile(`${folder}/state/open/1.json`);
    await claim.appendDigits(digits(0, 5));
    await claim.complete(null);
    await writeFile(`${folder}/state/open/1.json`, open);
    expect(await queue.claim()).toBeUndefined();
    expect(existsSync(`${folder}/state/open/1.json`)).toBe(false);
  });
});

describe('commands', () => {
  it('pause a running job when its worker has let go, and resume it at the digits it had', async () => {
    const { store, openQueue, create } = await openSystem();
    await create(8);
    const queue = await openQueue();
    const claim = await mustClaim(queue);
    await claim.appendDigits(digits(0, 4));
    expect(await store.command('1', 'paused')).toMatchObject({ outcome: 'pending' });
    await queue.checkRequests();
    expect(claim.signal.reason).toMatchObject({ reason: 'pause' });
    await claim.settle();
    expect(await store.get('1')).toMatchObject({ state: 'paused', progress: { digitsWritten: 4 } });
    expect(await queue.claim()).toBeUndefined();
    expect(await store.command('1', 'running')).toMatchObject({ outcome: 'done', job: { state: 'queued' } });
    expect((await mustClaim(queue)).digitsThere).toBe(4);
  });

  it('terminate a waiting job at once and for good', async () => {
    const { store, openQueue, create } = await openSystem();
    await create(8);
    expect(await store.command('1', 'terminated')).toMatchObject({
      outcome: 'done',
      job: { state: 'terminated' },
    });
    expect(await store.command('1', 'terminated')).toMatchObject({ outcome: 'done' });
    expect(await store.command('1', 'running')).toMatchObject({ outcome: 'refused' });
    expect(await (await openQueue()).claim()).toBeUndefined();
  });

  it('let the last word count when a resume overtakes a pause', async () => {
    const { store, openQueue, create } = await openSystem();
    await create(8);
    const claim = await mustClaim(await openQueue());
    await store.command('1', 'paused');
    await store.command('1', 'running');
    await claim.settle();
    expect(await store.get('1')).toMatchObject({ state: 'queued' });
  });

  it('reach a job whose worker died before it obeyed', async () => {
    const { folder, store, openQueue, create } = await openSystem();
    await create(8);
    const dead = await openQueue();
    await (await mustClaim(dead)).appendDigits(digits(0, 3));
    await store.command('1', 'terminated');
    await expireLease(folder, dead);
    expect(await (await openQueue()).claim()).toBeUndefined();
    expect(await store.get('1')).toMatchObject({ state: 'terminated' });
    expect(existsSync(`${folder}/1.8.txt.lock`)).toBe(false);
  });
});

describe('a wish that the worker did not live to fulfil', () => {
  it('can be taken back: a resumed job is not paused by its next worker', async () => {
    const { folder, store, openQueue, create } = await openSystem();
    await create(8);
    const dead = await openQueue();
    await mustClaim(dead);
    await store.command('1', 'paused');
    await expireLease(folder, dead);
    expect(await store.get('1')).toMatchObject({ state: 'paused' });
    expect(await store.command('1', 'running')).toMatchObject({ outcome: 'done', job: { state: 'queued' } });
    expect((await mustClaim(await openQueue())).id).toBe('1');
  });

  it('to terminate is not undone by a pause', async () => {
    const { folder, store, openQueue, create } = await openSystem();
    await create(8);
    const dead = await openQueue();
    await mustClaim(dead);
    await store.command('1', 'terminated');
    await expireLease(folder, dead);
    expect(await store.command('1', 'paused')).toMatchObject({ outcome: 'refused' });
    expect(await (await openQueue()).claim()).toBeUndefined();
    expect(await store.get('1')).toMatchObject({ state: 'terminated' });
  });
});

describe('the digit source', () => {
  it('reads only certain digits, without the point', async () => {
    const { volume, openQueue, create } = await openSystem();
    await create(10);
    const claim = await mustClaim(await openQueue());
    await claim.appendDigits(digits(0, 6));
    const source = new FileDigitSource(volume);
    const found = await source.open('1');
    expect(found).toMatchObject({ num: 10, certain: 6, complete: false });
    const read = async (start: number, count: number) =>
      Buffer.concat((await Array.fromAsync(found?.read(start, count) ?? [])) as Uint8Array[]).toString();
    expect(await read(0, 1)).toBe('3');
    expect(await read(0, 6)).toBe('314159');
    expect(await read(1, 2)).toBe('14');
    expect(await read(3, 3)).toBe('159');
  });

  it('offers the longest finished result, of which shorter jobs are copies', async () => {
    const { volume, openQueue, create } = await openSystem();
    await create(10);
    await create(4);
    const queue = await openQueue();
    const long = await mustClaim(queue);
    expect(long.knownDigits()).toBeUndefined();
    await long.appendDigits(digits(0, 10));
    await long.complete(null);
    expect(await new FileDigitSource(volume).longest()).toMatchObject({ num: 10, complete: true });
    const short = await mustClaim(queue);
    for await (const chunk of short.knownDigits() ?? []) await short.appendDigits(chunk);
    expect(await short.complete(null)).toBe(true);
    expect(await new FileDigitSource(volume).longest()).toMatchObject({ num: 10 });
  });
});

describe('what a power failure leaves of a file that was not flushed', () => {
  it.each(['', '\0\0\0\0'])('as a record (%j) costs the job its progress and not its place', async (text) => {
    const { folder, store, openQueue, create } = await openSystem();
    for (const num of [5, 6, 7]) await create(num);
    const dead = await openQueue();
    await mustClaim(dead);
    await mustClaim(dead);
    await writeFile(`${folder}/state/open/1.json`, text);
    await writeFile(`${folder}/state/longest.json`, text);
    await expireLease(folder, dead);
    expect(await store.get('1')).toMatchObject({ state: 'queued' });
    const queue = await openQueue();
    const claims = [await mustClaim(queue), await mustClaim(queue), await mustClaim(queue)];
    expect(claims.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(claims[0]?.knownDigits()).toBeUndefined();
  });
});

describe('a record that cannot be read', () => {
  it('fails its job and nobody else, and is put where people can look at it', async () => {
    const { folder, store, create } = await openSystem();
    for (const num of [5, 6, 7]) await create(num);
    await store.command('1', 'paused');
    await store.command('2', 'paused');
    await writeFile(`${folder}/state/open/1.json`, '{"version":1,"id":1,"state":"pau');
    await writeFile(`${folder}/state/open/2.json`, '{"version":99}');
    const unreadable: string[] = [];
    const queue = await FileWorkQueue.open(await openVolume(folder), {
      maxConcurrentJobs: 10,
      onUnreadable: (id) => unreadable.push(id),
    });
    onTestFinished(() => queue.close());
    expect((await store.list({ limit: 5 })).jobs.map(({ state }) => state)).toEqual([
      'queued',
      'failed',
      'failed',
    ]);
    expect((await mustClaim(queue)).id).toBe('3');
    expect(await queue.claim()).toBeUndefined();
    expect(unreadable).toEqual(['1', '2']);
    for (const id of ['1', '2']) {
      expect(await store.get(id)).toMatchObject({
        state: 'failed',
        error: expect.stringContaining('cannot be read'),
      });
      expect(await store.command(id, 'running')).toMatchObject({ outcome: 'refused' });
    }
    const kept = await readdir(`${folder}/state/unreadable`);
    expect(kept.map((name) => name.split('.')[0]).sort()).toEqual(['1', '2']);
  });

  it('of a job whose result is there leaves it completed', async () => {
    const { folder, store, openQueue, create } = await openSystem();
    await create(5);
    await writeFile(`${folder}/state/open/1.json`, 'x');
    await writeFile(`${folder}/1.5.txt`, '3.1415');
    expect(await (await openQueue()).claim()).toBeUndefined();
    expect(await store.get('1')).toMatchObject({ state: 'completed', error: null });
  });
});

describe('what other processes do to records', () => {
  it('is seen by a queue that has looked before, at the next look', async () => {
    const { store, openQueue, create } = await openSystem();
    const queue = await openQueue();
    for (const num of [5, 6, 7]) await create(num);
    for (const id of ['1', '2', '3']) await store.command(id, 'paused');
    expect(await queue.claim()).toBeUndefined();
    await store.command('2', 'running');
    expect((await mustClaim(queue)).id).toBe('2');
    await store.command('1', 'terminated');
    await store.command('3', 'running');
    const other = await openQueue();
    expect((await mustClaim(other)).id).toBe('3');
    expect(await queue.claim()).toBeUndefined();
  });

  it('costs a look at what they did, however many jobs wait', async () => {
    const { folder, volume, store, create } = await openSystem();
    for (let count = 0; count < 300; count += 1) await create(5);
    for (let id = 1; id <= 300; id += 1) await store.command(String(id), 'paused');
    for (let id = 1; id <= 300; id += 1) await store.command(String(id), 'running');
    const looking = await openVolume(folder);
    const queue = await FileWorkQueue.open(looking, { maxConcurrentJobs: 1 });
    onTestFinished(() => queue.close());
    const first = await mustClaim(queue);
    const read = vi.spyOn(looking.records, 'read');
    expect(await queue.claim()).toBeUndefined();
    await store.command('200', 'paused');
    await store.command('300', 'terminated');
    await first.appendDigits(digits(0, 5));
    await first.complete(null);
    expect((await mustClaim(queue)).id).toBe('2');
    expect(read.mock.calls.length).toBeLessThan(20);
    expect(volume.records.read(200, 5)).toMatchObject({ state: 'paused' });
  });

  it('is seen when the list of changes was begun anew meanwhile, or was removed', async () => {
    const { folder, store, openQueue, create } = await openSystem();
    const queue = await openQueue();
    for (const num of [5, 6]) await create(num);
    for (const id of ['1', '2']) await store.command(id, 'paused');
    expect(await queue.claim()).toBeUndefined();
    await writeFile(`${folder}/state/changes`, `${'1'.padStart(15)}\n`.repeat(70_000));
    await store.command('2', 'running');
    expect((await stat(`${folder}/state/changes`)).size).toBe(16);
    expect((await mustClaim(queue)).id).toBe('2');
    await rm(`${folder}/state/changes`);
    await store.command('1', 'running');
    expect((await mustClaim(queue)).id).toBe('1');
  });
});

it('a job that was closed by a process which died before it cleared up is cleared up by the next look', async () => {
  const { folder, store, openQueue, create } = await openSystem();
  await create(8);
  const queue = await openQueue();
  const claim = await mustClaim(queue);
  await claim.appendDigits(digits(0, 4));
  await claim.checkpoints.write('split', [Buffer.from('half')]);
  const [open, partial] = [`${folder}/state/open/1.json`, `${folder}/1.8.txt.lock`];
  const left = await Promise.all([open, partial].map((path) => readFile(path)));
  await claim.fail('enough');
  expect([open, partial].filter((path) => existsSync(path))).toEqual([]);
  await writeFile(open, left[0] ?? '');
  await writeFile(partial, left[1] ?? '');
  expect(await store.get('1')).toMatchObject({ state: 'failed', error: 'enough' });
  expect(await (await openQueue()).claim()).toBeUndefined();
  expect([open, partial].filter((path) => existsSync(path))).toEqual([]);
});
