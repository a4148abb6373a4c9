import { appendFile, readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStore, openVolume, temporaryFolder } from '../testing/temporary-volume.ts';
import { LedgerCorruptError } from './ledger-mirror.ts';

const job = (num: number) => ({ num, verify: false });

describe('the ledger', () => {
  it('gives ids from 1 on and writes one row a job, newest last', async () => {
    const folder = await temporaryFolder();
    const store = openStore(await openVolume(folder));
    for (const num of [5, 1000, 7]) await store.create(job(num));
    expect(await readFile(`${folder}/jobs.txt`, 'utf8')).toBe('1, 5\n2, 1000\n3, 7\n');
  });

  it('keeps ids consecutive when two processes append at once', async () => {
    const folder = await temporaryFolder();
    const stores = [openStore(await openVolume(folder)), openStore(await openVolume(folder))];
    const created = await Promise.all(
      Array.from({ length: 400 }, (_, i) => stores[i % 2]?.create(job(i + 1))),
    );
    const ids = created.map((one) => Number(one?.id)).sort((a, b) => a - b);
    expect(ids).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    const rows = (await readFile(`${folder}/jobs.txt`, 'utf8')).trimEnd().split('\n');
    expect(rows.map((row) => Number(row.split(', ')[0]))).toEqual(ids);
    for (const one of created) expect(rows).toContain(`${one?.id}, ${one?.num}`);
  });

  it('cuts off a torn last row, whatever it holds, and goes on after the last whole one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (torn) => {
        const folder = await temporaryFolder();
        await writeFile(`${folder}/jobs.txt`, '1, 10\n2, 20\n');
        await appendFile(`${folder}/jobs.txt`, Buffer.from(torn.map((byte) => (byte === 0x0a ? 0 : byte))));
        const store = openStore(await openVolume(folder));
        expect((await store.create(job(30))).id).toBe('3');
        await store.close();
        expect(await readFile(`${folder}/jobs.txt`, 'utf8')).toBe('1, 10\n2, 20\n3, 30\n');
      }),
      { numRuns: 50 },
    );
  });

  it('does not show a torn row as a job', async () => {
    const folder = await temporaryFolder();
    await writeFile(`${folder}/jobs.txt`, '1, 10\n2, 2');
    const store = openStore(await openVolume(folder));
    expect(await store.get('1')).toMatchObject({ num: 10, state: 'queued' });
    expect(await store.get('2')).toBeUndefined();
  });

  it.each([
    ['a gap', '1, 10\n3, 30\n'],
    ['a repeat', '1, 10\n1, 10\n'],
    ['a row that is none', '1, 10\nhello\n'],
    ['a first id other than 1', '2, 10\n'],
    ['an empty row', '1, 10\n\n2, 20\n'],
  ])('refuses %s instead of repairing it', async (_, text) => {
    const folder = await temporaryFolder();
    await writeFile(`${folder}/jobs.txt`, text);
    await expect(openVolume(folder)).rejects.toThrow(LedgerCorruptError);
    expect(await readFile(`${folder}/jobs.txt`, 'utf8')).toBe(text);
  });

  it('names the row that is wrong at every look, until it is mended', async () => {
    const folder = await temporaryFolder();
    await writeFile(`${folder}/jobs.txt`, '1, 10\n');
    const { ledger } = await openVolume(folder);
    await writeFile(`${folder}/jobs.txt`, '1, 10\n2, 20\n9, 30\n');
    for (let look = 1; look <= 2; look += 1) {
      expect(() => ledger.refresh()).toThrow('row 3 of the ledger must read "3, <num>" but reads "9, 30"');
      expect(ledger.numOf(1)).toBe(10);
    }
    await writeFile(`${folder}/jobs.txt`, '1, 10\n2, 20\n3, 30\n');
    expect(ledger.numOf(3)).toBe(30);
  });

  it('forgets rows that a writer without space took back', async () => {
    const folder = await temporaryFolder();
    await writeFile(`${folder}/jobs.txt`, '1, 10\n2, 20\n');
    const volume = await openVolume(folder);
    expect(volume.ledger.lastId).toBe(2);
    await writeFile(`${folder}/jobs.txt`, '1, 10\n');
    volume.ledger.refresh();
    expect(volume.ledger.numOf(2)).toBeUndefined();
    expect(volume.ledger.numOf(1)).toBe(10);
  });

  it('tells when a job was created, also after a restart', async () => {
    const folder = await temporaryFolder();
    const before = Date.now();
    const { id } = await openStore(await openVolume(folder)).create({ num: 4, verify: true });
    const seen = await openStore(await openVolume(folder)).get(id);
    expect(Date.parse(seen?.createdAt ?? '')).toBeGreaterThanOrEqual(before);
    expect(seen?.verify).toBe(true);
  });
});
