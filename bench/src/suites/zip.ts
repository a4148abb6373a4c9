import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ZipArchive } from 'archiver';
import { startService } from '../support/child-service.ts';
import { writeFinishedResult } from '../support/finished-result.ts';
import { interleave } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

/** The archive of a result, against archiver as it comes; and the memory that handing it out takes. */
export const zip: Suite = {
  name: 'zip',
  title: 'Archives of digits',
  method:
    'A first `GET /download/1` of 10^7 digits, which makes the archive, against archiver with its defaults on the same file; then ten clients at once that download 10^8 digits for the first time.',
  async run({ short }) {
    const digits = short ? 1_000_000 : 10_000_000;
    const many = short ? 5_000_000 : 100_000_000;
    return withTemporaryFolder(async (folder) => {
      const path = await writeFinishedResult(`${folder}/a`, digits);
      await using service = await startService('download-api', `${folder}/a`);
      let size = 0;
      const ours = async () => {
        await rm(`${folder}/a/zips`, { recursive: true, force: true });
        const startedAt = performance.now();
        size = await download(`${service.url}/download/1`);
        return performance.now() - startedAt;
      };
      let defaultSize = 0;
      const theirs = async () => {
        const startedAt = performance.now();
        defaultSize = await zipWithDefaults(path, `${folder}/default.zip`);
        return performance.now() - startedAt;
      };
      const times = await interleave(short ? 1 : 5, ours, theirs);
      await writeFinishedResult(`${folder}/b`, many);
      await using large = await startService('download-api', `${folder}/b`);
      await download(`${large.url}/readyz`);
      const idle = await large.residentBytes();
      let peak = idle;
      const watch = setInterval(() => {
        large.residentBytes().then((bytes) => {
          peak = Math.max(peak, bytes);
        }, console.error);
      }, 20);
      await Promise.all(Array.from({ length: 10 }, () => download(`${large.url}/download/1`)));
      clearInterval(watch);
      return [
        { what: `archive of ${digits} digits, first download`, value: `${times.ours.toFixed(0)} ms` },
        { what: "archiver's defaults", value: `${times.theirs.toFixed(0)} ms` },
        { what: 'times as fast', value: (1 / times.ratio).toFixed(1), aim: 'at least 3' },
        { what: 'size against the defaults', value: (size / defaultSize).toFixed(3), aim: 'below 1' },
        {
          what: `memory above idle, ten clients, ${many} digits`,
          value: `${((peak - idle) / 2 ** 20).toFixed(0)} MiB`,
          aim: 'below 64 MiB',
        },
      ];
    });
  },
};

async function download(url: string): Promise<number> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) throw new Error(`${url}: ${response.status}`);
  let bytes = 0;
  for await (const chunk of response.body) bytes += chunk.length;
  return bytes;
}

async function zipWithDefaults(from: string, to: string): Promise<number> {
  const archive = new ZipArchive();
  archive.append(createReadStream(from), { name: 'digits.txt' });
  await Promise.all([pipeline(archive, createWriteStream(to)), archive.finalize()]);
  return (await stat(to)).size;
}
