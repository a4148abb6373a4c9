import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { chaosScale, chaosTimeoutMs } from '../support/chaos-scale.ts';
import { postImage, waitForImage } from '../support/image-client.ts';
import { KilledServices } from '../support/killed-services.ts';
import { runInParallel } from '../support/run-in-parallel.ts';
import { System } from '../support/system.ts';

const photograph = readFileSync(new URL('../rainier.jpg', import.meta.url));

it(
  'three calculators, one of them killed as soon as all have worked for a second, do every image once as far as anybody sees',
  async () => {
    const system = await System.create();
    const jobApi = await system.start('job-api');
    const killed = await KilledServices.start(system, 'pi-calculator', 3, {
      env: { MAX_CONCURRENT_JOBS: '2' },
    });
    const images = 30 * chaosScale;
    const ended = new Map<string, string>();
    let isDone = false;
    const killing = (async () => {
      while (!isDone) {
        await killed.settle();
        await sleep(1_000);
        killed.killOne();
      }
    })();

    await runInParallel(images, 4, async (index) => {
      const width = 100 + index;
      const posted = await postImage(jobApi.url, photograph, [{ op: 'resize', width }]);
      expect(posted.status).toBe(202);
      const { body } = await waitForImage(jobApi.url, posted.location ?? '');
      expect(body).toMatchObject({
        status: 'completed',
        output: { width, height: Math.round(width * 0.75) },
      });
      ended.set(posted.location ?? '', JSON.stringify(body));
    });
    isDone = true;
    await killing;
    await killed.settle();

    expect(ended.size).toBe(images);
    for (const [location, body] of ended) {
      const { body: now } = await waitForImage(jobApi.url, location);
      expect(JSON.stringify(now)).toBe(body);
      const output = await fetch(`${jobApi.url}${location}/output`);
      const { width } = await sharp(Buffer.from(await output.arrayBuffer())).metadata();
      expect(width).toBe(now.output?.width);
    }
    const deadline = Date.now() + 20_000;
    const left = () => readdir(`${system.dataDir}/queue/waiting`);
    while ((await left()).length > 0 && Date.now() < deadline) await sleep(200);
    expect(await left()).toEqual([]);
  },
  chaosTimeoutMs(40),
);
