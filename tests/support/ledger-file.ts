import { readFile } from 'node:fs/promises';

/** Rows of `jobs.txt` as an outsider reads them: `num` by id. Throws unless the ids count from 1 without gap or repeat. */
export async function readLedger(dataDir: string): Promise<ReadonlyMap<number, number>> {
  const text = await readFile(`${dataDir}/jobs.txt`, 'utf8');
  const rows = new Map<number, number>();
  for (const row of text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)) {
    const [, id, num] = /^(\d+), (\d+)$/.exec(row) ?? [];
    if (Number(id) !== rows.size + 1)
      throw new Error(`row ${rows.size + 1} of the ledger is ${JSON.stringify(row)}`);
    rows.set(Number(id), Number(num));
  }
  return rows;
}
