import { mkdir, writeFile } from 'node:fs/promises';

const CREATED = `2026-01-01T00:00:00.000Z ${'-'.repeat(32)} .....\n`;

/** Writes a ledger of `count` jobs as the Job API would have left it. */
export async function fillLedger(dataDir: string, count: number): Promise<void> {
  await mkdir(`${dataDir}/state`, { recursive: true });
  const rows: string[] = [];
  for (let id = 1; id <= count; id += 1) rows.push(`${id}, ${1000 + (id % 1000)}\n`);
  await writeFile(`${dataDir}/jobs.txt`, rows.join(''));
  await writeFile(`${dataDir}/state/created.txt`, CREATED.repeat(count));
}
