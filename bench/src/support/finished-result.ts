import { randomInt } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fillLedger } from './fill-ledger.ts';

const CHUNK = 1 << 20;

/** A volume with one finished job of `num` digits. They are random ones: to a zip or a search they are as good as pi's. */
export async function writeFinishedResult(dataDir: string, num: number): Promise<string> {
  await fillLedger(dataDir, 0);
  const ledger = await open(`${dataDir}/jobs.txt`, 'w');
  await ledger.writeFile(`1, ${num}\n`);
  await ledger.close();
  const path = `${dataDir}/1.${num}.txt`;
  const file = await open(path, 'w');
  await file.write('3.');
  for (let left = num - 1; left > 0; left -= CHUNK) await file.write(randomDigits(Math.min(left, CHUNK)));
  await file.close();
  return path;
}

function randomDigits(count: number): Buffer {
  const digits = Buffer.alloc(count);
  for (let i = 0; i < count; i += 8) {
    const text = String(randomInt(100_000_000)).padStart(8, '0');
    digits.write(text.slice(0, Math.min(8, count - i)), i, 'latin1');
  }
  return digits;
}
