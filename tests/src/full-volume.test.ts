import { existsSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createJob, mustCreateJob, readStatus, waitForStatus } from '../support/job-client.ts';
import { openJobStore } from '../support/job-store.ts';
import { readLedger } from '../support/ledger-file.ts';
import { runInParallel } from '../support/run-in-parallel.ts';
import { System } from '../support/system.ts';
import { canMount, mountSmallVolume } from '../support/temporary-folder.ts';
import { isPrefixOfPi, resultText } from '../support/true-digits.ts';

const BLOCK = 4096;

/** Takes every byte that is left, to the last block. */
function fill(folder: string): void {
  const piece = Buffer.alloc(BLOCK);
  for (;;) {
    try {
      writeFileSync(`${folder}/filler`, piece, { flag: 'a' });
    } catch {
      return;
    }
  }
}

function makeRoom(folder: string): void {
  unlinkSync(`${folder}/filler`);
}

it.runIf(canMount)(
  'a full volume refuses jobs with 507, keeps every acknowledged one, and takes new ones when there is room (needs root, to mount)',
  async () => {
    const folder = await mountSmallVolume(1 << 20);
    const system = await System.create(folder);
    const jobApi = await system.start('job-api');
    const acknowledged = new Map<number, number>();
    const statuses = new Set<number>();
    const createMany = (count: number) =>
      runInParallel(count, 16, async (index) => {
        const num = index + 1;
        const { id, status, text } = await createJob(jobApi.url, num);
        statuses.add(status);
        if (id !== undefined) acknowledged.set(id, num);
        else expect(JSON.parse(text)).toMatchObject({ success: false, status: 507, code: 'storage_full' });
      });

    await createMany(40);
    fill(folder);
    await createMany(1_000);
    expect([...statuses].sort()).toEqual([202, 507]);
    expect(await (await fetch(`${jobApi.url}/readyz`)).status).toBe(503);
    expect(await readStatus(jobApi.url, 1)).toMatchObject({ status: 'queued' });
    const whileFull = await readLedger(folder);
    expect([...whileFull]).toEqual([...acknowledged].sort(([a], [b]) => a - b));
    const another = await system.start('job-api');
    expect(await readStatus(another.url, 2)).toMatchObject({ status: 'queued' });

    makeRoom(folder);
    expect((await fetch(`${jobApi.url}/readyz`)).status).toBe(200);
    await createMany(50);
    expect([...(await readLedger(folder))]).toEqual([...acknowledged].sort(([a], [b]) => a - b));
    expect(await jobApi.stop()).toBe(0);
  },
);

it.runIf(canMount)(
  'a batch that a full volume cuts in the middle is acknowledged as far as it is on disk (needs root, to mount)',
  async () => {
    const folder = await mountSmallVolume(1 << 20);
    // The ledger's next row but two begins a new block; the table beside it has room.
    let text = '';
    for (let id = 1; text.length < BLOCK - 20; id += 1) text += `${id}, 10\n`;
    writeFileSync(`${folder}/jobs.txt`, text);
    const store = await openJobStore(folder);
    const other = await openJobStore(folder);
    await store.create({ num: 11, verify: false });
    fill(folder);

    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => store.create({ num: 100_000 + i, verify: false })),
    );
    const seen = new Map<number, number | undefined>();
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ENOSPC' });
      else seen.set(Number(result.value.id), result.value.num);
    }
    expect(
      statSync(`${folder}/jobs.txt`).size,
      'the volume was not full where it should be',
    ).toBeLessThanOrEqual(BLOCK);
    expect(seen.size).toBeGreaterThan(0);
    expect(seen.size).toBeLessThan(results.length);
    makeRoom(folder);
    const next = await other.create({ num: 999_999, verify: false });
    const rows = await readLedger(folder);
    for (const [id, num] of seen) expect(rows.get(id)).toBe(num);
    expect(Number(next.id)).toBe(rows.size);
    for (const [id, num] of rows) {
      for (const one of [store, other]) expect((await one.get(String(id)))?.num, `job ${id}`).toBe(num);
    }
  },
);

it.runIf(canMount)(
  'a request with an Idempotency-Key that found no room makes its job as soon as there is some (needs root, to mount)',
  async () => {
    const folder = await mountSmallVolume(1 << 20);
    const system = await System.create(folder);
    const jobApi = await system.start('job-api');
    fill(folder);
    // Room for the key's note and not for the rows.
    writeFileSync(`${folder}/filler`, Buffer.alloc(statSync(`${folder}/filler`).size - BLOCK));
    const create = () => createJob(jobApi.url, 5, { 'idempotency-key': 'key' });
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await create()).status).toBe(507);
    makeRoom(folder);
    const made = await create();
    expect(made.status, made.text).toBe(202);
    expect((await create()).text).toBe(made.text);
    expect([...(await readLedger(folder)).values()]).toEqual([5]);
  },
);

it.runIf(canMount)(
  'a job whose digits fill the volume waits and completes when there is room (needs root, to mount)',
  async () => {
    const folder = await mountSmallVolume(1 << 20);
    const system = await System.create(folder);
    const { jobApi } = await system.startAll();
    const small = await mustCreateJob(jobApi.url, 100);
    await waitForStatus(jobApi.url, small, 'completed');

    fill(folder);
    // Room for the ledger's row and the record, not for the digits.
    const filler = statSync(`${folder}/filler`).size;
    writeFileSync(`${folder}/filler`, Buffer.alloc(filler - 12 * BLOCK));
    const id = await mustCreateJob(jobApi.url, 60_000);
    const lock = `${folder}/${id}.60000.txt.lock`;
    while (!existsSync(lock) || statSync(lock).size < 8 * BLOCK) await sleep(20);
    await sleep(500);
    expect(isPrefixOfPi(readFileSync(lock, 'latin1'))).toBe(true);
    expect(['queued', 'running']).toContain((await readStatus(jobApi.url, id)).status);
    expect(await readStatus(jobApi.url, small)).toMatchObject({ status: 'completed' });

    makeRoom(folder);
    await waitForStatus(jobApi.url, id, 'completed', 40_000);
    expect(readFileSync(`${folder}/${id}.60000.txt`, 'latin1') === resultText(60_000)).toBe(true);
  },
  90_000,
);
