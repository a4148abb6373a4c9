import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { ChildService, startService } from '../support/child-service.ts';
import { writeFinishedResult } from '../support/finished-result.ts';
import { interleave } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

/** Upload, download and search of large files. */
export const files: Suite = {
  name: 'files',
  title: 'Files: upload, download, search',
  method:
    '`curl` uploads and downloads a file of 1 GiB, against plain fs streams behind bare `node:http`; `GET /digits/1/search` over 10^8 digits, against `grep -ob`.',
  async run({ short }) {
    const megabytes = short ? 16 : 1024;
    const digits = short ? 1_000_000 : 100_000_000;
    const rounds = short ? 1 : 5;
    return await withTemporaryFolder(async (folder) => {
      const source = `${folder}/source.txt`;
      await writeText(source, megabytes);
      const path = await writeFinishedResult(`${folder}/data`, digits);
      await using service = await startService('download-api', `${folder}/data`, {
        MAX_UPLOAD_BYTES: String(2 ** 31),
      });
      await using bare = await ChildService.start('bench/src/peers/bare-files.ts', { FOLDER: folder });
      const idle = await service.residentBytes();
      const upload = await interleave(
        rounds,
        async () => {
          await rm(`${folder}/data/files/f.txt`, { force: true });
          return curl('-T', source, '-X', 'POST', `${service.url}/upload/f.txt`);
        },
        () => curl('-T', source, '-X', 'POST', `${bare.url}/upload/g.txt`),
      );
      const download = await interleave(
        rounds,
        () => curl(`${service.url}/download/f.txt`),
        () => curl(`${bare.url}/download/g.txt`),
      );
      const grown = (await service.residentBytes()) - idle;
      const query = '0123456789';
      const search = await interleave(
        rounds,
        () => curl(`${service.url}/digits/1/search?q=${query}&limit=10000`),
        () => run('sh', ['-c', `LC_ALL=C grep -ob ${query} ${path} > ${folder}/hits; true`]),
      );
      return [
        {
          what: `upload of ${megabytes} MiB, speed against bare node:http`,
          value: (1 / upload.ratio).toFixed(2),
          aim: 'at least 0.85',
        },
        {
          what: 'download, speed against bare node:http',
          value: (1 / download.ratio).toFixed(2),
          aim: 'at least 0.85',
        },
        { what: 'memory after it above idle', value: `${(grown / 2 ** 20).toFixed(0)} MiB`, aim: 'flat' },
        {
          what: `search of ${digits} digits, time against grep -ob`,
          value: search.ratio.toFixed(2),
          aim: 'below 1',
        },
      ];
    });
  },
};

const curl = (...args: string[]) => run('curl', ['-sSf', '-o', '/dev/null', ...args]);

/** Seconds. */
async function run(command: string, args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
  return (performance.now() - startedAt) / 1000;
}

async function writeText(path: string, megabytes: number): Promise<void> {
  const file = await open(path, 'w');
  const line = `${'The quick brown fox jumps over the lazy dog, again. '.repeat(5)}\n`;
  const block = Buffer.from(line.repeat(Math.ceil(2 ** 20 / line.length))).subarray(0, 2 ** 20);
  for (let i = 0; i < megabytes; i += 1) await file.write(block);
  await file.close();
}
