import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startService } from '../support/child-service.ts';
import { askLightly } from '../support/light-client.ts';
import { interleave, quantile } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

const IMAGE = fileURLToPath(new URL('../../../tests/rainier.jpg', import.meta.url));
const PEER = fileURLToPath(new URL('../peers/bare-sharp.ts', import.meta.url));
const AT_ONCE = 8;

/** Thumbnails per second through the whole service, against sharp in a bare loop. */
export const images: Suite = {
  name: 'images',
  title: 'Image jobs',
  method:
    'Thumbnails of one photograph (1600 x 1200) through `POST /jobs` until the last job is completed, every step on disk, against sharp in a loop with as many at once as there are cores.',
  async run({ short }) {
    const count = short ? 10 : 200;
    return await withTemporaryFolder(async (folder) => {
      await using calculator = await startService('pi-calculator', folder);
      await using api = await startService('job-api', folder, { PI_CALCULATOR_URL: calculator.url });
      const form = await formWith(await readFile(IMAGE));
      const accepted: number[] = [];
      const ours = () => makeThumbnails(api.url, form, count, accepted);
      const speed = await interleave(short ? 1 : 5, ours, () => bareLoop(count));
      return [
        { what: 'thumbnails per second', value: (count / speed.ours).toFixed(1) },
        { what: 'sharp in a loop', value: (count / speed.theirs).toFixed(1) },
        { what: 'speed against sharp in a loop', value: (1 / speed.ratio).toFixed(2), aim: 'at least 0.7' },
        {
          what: 'upload to accepted under this load, 99 % within',
          value: `${quantile(accepted, 0.99).toFixed(0)} ms`,
        },
      ];
    });
  },
};

/** A request with the form, made once: what is measured is not how fast forms are made. */
async function formWith(photograph: Buffer) {
  const form = new FormData();
  form.set('image', new Blob([new Uint8Array(photograph)], { type: 'image/jpeg' }), 'photograph.jpg');
  const encoded = new Response(form);
  const body = Buffer.from(await encoded.arrayBuffer());
  const headers = {
    'Content-Type': encoded.headers.get('content-type') ?? '',
    'Content-Length': body.length,
  };
  return { method: 'POST', headers, body };
}

async function makeThumbnails(
  url: string,
  form: Awaited<ReturnType<typeof formWith>>,
  count: number,
  accepted: number[],
): Promise<number> {
  const startedAt = performance.now();
  let left = count;
  const post = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const postedAt = performance.now();
      const { job_id: id } = (await askLightly(`${url}/jobs`, form)) as { readonly job_id: string };
      accepted.push(performance.now() - postedAt);
      await completed(url, id);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, post));
  return (performance.now() - startedAt) / 1000;
}

async function completed(url: string, id: string): Promise<void> {
  for (;;) {
    const { status } = (await askLightly(`${url}/jobs/${id}/status?wait=10`)) as { readonly status: string };
    if (status === 'completed') return;
    if (status === 'failed') throw new Error(`image job ${id} failed`);
  }
}

async function bareLoop(count: number): Promise<number> {
  const env = { ...process.env, IMAGE, COUNT: String(count) };
  const { stdout } = await promisify(execFile)(process.execPath, [PEER], { env });
  return Number(stdout);
}
