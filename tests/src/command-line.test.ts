import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { postImage } from '../support/image-client.ts';
import { System } from '../support/system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = new URL('../../packages/cli/bin/pi-jobs.mjs', import.meta.url).pathname;

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(urls: NodeJS.ProcessEnv, cwd: string, ...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env: urls, cwd }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

const lines = ({ out }: Run): Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the pi-jobs command', () => {
  let photo: Uint8Array;
  beforeAll(async () => {
    photo = await readFile(new URL('../rainier.jpg', import.meta.url));
  });

  it('creates, follows, lists and fetches digit jobs, with images among the jobs of the service', async () => {
    const folder = await temporaryFolder();
    const { jobApi, downloadApi } = await (await System.create()).startAll();
    const urls = { JOB_API_URL: jobApi.url, DOWNLOAD_API_URL: downloadApi.url };
    const pi = (...args: string[]): Promise<Run> => run(urls, folder, ...args);

    expect((await postImage(jobApi.url, photo)).status).toBe(202);
    const created = await pi('create', '50', '--wait', '--json');
    expect(created).toMatchObject({ code: 0, err: '' });
    expect(lines(created).at(-1)).toMatchObject({ job_id: 1, status: 'completed' });
    expect(lines(await pi('list', '--json'))).toMatchObject([{ job_id: 1, kind: 'digits' }]);
    expect(await pi('digits', '1', '--start', '1', '--count', '4')).toMatchObject({ code: 0, out: '1415\n' });
    expect(lines(await pi('digits', '1', '--start', '1', '--count', '4', '--json'))).toEqual([
      { job_id: '1', start: 1, digits: '1415' },
    ]);
    expect(lines(await pi('create', '1e1', '--json'))).toMatchObject([{ num: 10 }]);
    expect(lines(await pi('create', '1_0', '--json'))).toMatchObject([{ num: 10 }]);
    expect(await pi('download', '1')).toMatchObject({ code: 0, out: 'digits_of_pi_1.zip\n' });
    expect((await readFile(`${folder}/digits_of_pi_1.zip`)).toString('latin1', 0, 2)).toBe('PK');
    expect(await pi('pause', '1')).toMatchObject({ code: 1 });
    expect(await pi('status', '99')).toMatchObject({ code: 1, err: 'pi-jobs: no job has the id 99\n' });
    expect(await pi('status')).toMatchObject({ code: 2 });
  });
});
