import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { mustCreateJob, waitForStatus } from '../support/job-client.ts';
import { System } from '../support/system.ts';
import { resultText } from '../support/true-digits.ts';
import { unzip } from '../support/unzip.ts';

const NUMS = [1, 2, 3, 5, 10, 762, 763, 764, 765, 766, 767, 768, 1_000, 2_000, 10_000, 100_000];

beforeAll(() => void resultText(100_000));

describe('the digits of a job', () => {
  it('are exact in its file, in its archive, in parts and as the longest known, for numbers that are hard and that are large', async () => {
    const system = await System.create();
    const { jobApi, downloadApi } = await system.startAll();
    // Smallest first: each is computed, not copied from a longer one.
    for (const [index, num] of NUMS.entries()) {
      const id = await mustCreateJob(jobApi.url, num);
      expect(id).toBe(index + 1);
      await waitForStatus(jobApi.url, id, 'completed');
      const truth = resultText(num);
      expect(
        (await readFile(`${system.dataDir}/${id}.${num}.txt`, 'latin1')) === truth,
        `file of ${num}`,
      ).toBe(true);

      const response = await fetch(`${downloadApi.url}/download/${id}`);
      expect(response.headers.get('content-disposition')).toContain(`digits_of_pi_${id}.zip`);
      const entries = await unzip(Buffer.from(await response.arrayBuffer()));
      expect([...entries.keys()]).toEqual([`digits_of_pi_${id}.txt`]);
      expect(entries.get(`digits_of_pi_${id}.txt`)?.toString('latin1') === truth, `archive of ${num}`).toBe(
        true,
      );

      const digits = truth.replace('.', '');
      const start = Math.max(0, num - 7);
      const tail = await fetch(`${downloadApi.url}/digits/${id}?start=${start}&count=100`);
      expect(await tail.text()).toBe(digits.slice(start));
      const pi = await fetch(`${downloadApi.url}/v1/pi?start=${start}&numberOfDigits=7`);
      expect(await pi.json()).toEqual({ content: digits.slice(start, start + 7) });
    }
    expect(resultText(768)).toMatch(/999999$/);

    // Now everything shorter is known: a copy, as exact.
    for (const num of [1, 2, 999, 100_000]) {
      const id = await mustCreateJob(jobApi.url, num);
      const { report } = await waitForStatus(jobApi.url, id, 'completed');
      expect(report).toMatchObject({ engine: 'copy' });
      expect((await readFile(`${system.dataDir}/${id}.${num}.txt`, 'latin1')) === resultText(num)).toBe(true);
    }
  }, 90_000);

  it('are found by a calculator that starts later, when none ran at the time of the request', async () => {
    const system = await System.create();
    const jobApi = await system.start('job-api', { env: { PI_CALCULATOR_URL: 'http://127.0.0.1:9' } });
    const id = await mustCreateJob(jobApi.url, 100);
    await system.start('pi-calculator');
    await waitForStatus(jobApi.url, id, 'completed');
  });
});
