import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Long enough to be met at work by whatever a test does to it. */
export const LARGE_NUM = 2_000_000;

/** Of `3.` and 1,999,999 digits; computed by two engines that share no arithmetic, and equal. */
const LARGE_SHA_256 = '43a8f6e32ced0f285a24a31cd4acf73b3b2785e13faa05295443311f5757b8c7';

/** Is the job's result file, of `LARGE_NUM` digits, exact? */
export async function isLargeResultExact(dataDir: string, jobId: number): Promise<boolean> {
  const content = await readFile(`${dataDir}/${jobId}.${LARGE_NUM}.txt`);
  return createHash('sha256').update(content).digest('hex') === LARGE_SHA_256;
}
