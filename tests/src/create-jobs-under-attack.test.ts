import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { chaosScale, chaosTimeoutMs } from '../support/chaos-scale.ts';
import { createJob } from '../support/job-client.ts';
import { KilledServices } from '../support/killed-services.ts';
import { readLedger } from '../support/ledger-file.ts';
import { runInParallel } from '../support/run-in-parallel.ts';
import { System } from '../support/system.ts';

const writers = 8;
const creates = 2_000 * chaosScale;
const createsPerKill = 200;
const keys = 200 * chaosScale;
const keysPerKill = 25;
const keyWriters = 4;

it(
  'eight Job APIs that are killed at random record every acknowledged job once, with consecutive ids',
  async () => {
    const system = await System.create();
    const jobApis = await KilledServices.start(system, 'job-api', writers);
    const acknowledged = new Map<number, number>();

    await runInParallel(creates, 32, async (index) => {
      if (index % createsPerKill === createsPerKill - 1) jobApis.killOne();
      // A request that a kill cuts short is not repeated: its job may be there or not, but never twice.
      const { id } = (await createJob(await jobApis.anyUrl(), index + 1).catch(() => undefined)) ?? {};
      if (id === undefined) return;
      expect(acknowledged.has(id), `id ${id} given out twice`).toBe(false);
      acknowledged.set(id, index + 1);
    });

    const rows = await readLedger(system.dataDir);
    for (const [id, num] of acknowledged) expect(rows.get(id), `job ${id}`).toBe(num);
    expect(new Set(rows.values()).size, 'requests recorded').toBe(rows.size);
    expect(jobApis.kills).toBe(creates / createsPerKill);
    expect(acknowledged.size).toBeGreaterThan(creates / 2);
  },
  chaosTimeoutMs(20),
);

it(
  'a request that is repeated with its Idempotency-Key until it is answered makes one job, whatever was killed meanwhile',
  async () => {
    const system = await System.create();
    const jobApis = await KilledServices.start(system, 'job-api', keyWriters);
    const answers = new Map<string, string>();

    await runInParallel(keys, 32, async (index) => {
      if (index % keysPerKill === keysPerKill - 1) jobApis.killOne();
      const key = `key-${index}`;
      for (;;) {
        const url = await jobApis.anyUrl();
        const answer = await createJob(url, index + 1, { 'idempotency-key': key }).catch(() => undefined);
        if (answer?.status === 202) {
          answers.set(key, answer.text);
          return;
        }
        // 409: the request before this one may still be on its way.
        if (answer !== undefined) expect(answer.status, answer.text).toBe(409);
        await sleep(50);
      }
    });

    const rows = await readLedger(system.dataDir);
    expect([...rows.values()].sort((a, b) => a - b)).toEqual(Array.from({ length: keys }, (_, i) => i + 1));
    const services = await jobApis.settle();
    await runInParallel(keys, 8, async (index) => {
      const key = `key-${index}`;
      const url = services[index % keyWriters]?.url ?? '';
      const replayed = await createJob(url, index + 1, { 'idempotency-key': key });
      expect(replayed).toMatchObject({ status: 202, text: answers.get(key) });
    });
    expect((await readLedger(system.dataDir)).size).toBe(keys);
  },
  chaosTimeoutMs(20),
);
