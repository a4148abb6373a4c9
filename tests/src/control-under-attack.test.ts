import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobView } from '@pi-jobs/core';
import { expect, it } from 'vitest';
import { chaosScale, chaosTimeoutMs } from '../support/chaos-scale.ts';
import { createJob, readStatus } from '../support/job-client.ts';
import { KilledServices } from '../support/killed-services.ts';
import { System } from '../support/system.ts';
import { resultText } from '../support/true-digits.ts';
import { type JsonAnswer, post, requestJson } from '../support/worker-client.ts';

const JOBS = 20;
const SLOTS = 4;
const environment = { env: { MAX_CONCURRENT_JOBS: String(SLOTS), WORKER_ID_TTL_SECONDS: '5' } };
const VERBS = ['pause', 'resume', 'terminate'] as const;
type Verb = (typeof VERBS)[number];

/** Repeats a request that met a killed process until a living one answers it. */
async function persistently<T>(services: KilledServices, act: (url: string) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act(await services.anyUrl());
    } catch {
      await sleep(20);
    }
  }
}

/** Gives the command until it is true or refused. */
async function command(services: KilledServices, id: number, verb: Verb): Promise<JsonAnswer> {
  for (;;) {
    const answer = await persistently(services, (url) => post(`${url}/jobs/${id}/${verb}`));
    if (answer.status === 200 || answer.status === 409) return answer;
    await sleep(20);
  }
}

/** A random life of one job; what the record of its commands implies for its end. */
async function live(services: KilledServices, id: number): Promise<'paused' | 'terminated' | 'completed'> {
  let wanted: 'paused' | 'completed' = 'completed';
  for (let step = 0; step < 4; step += 1) {
    await sleep(Math.random() * 400);
    const verb =
      step < 3 || Math.random() < 0.8 ? (VERBS[Math.floor(Math.random() * 2.3)] ?? 'pause') : 'terminate';
    const { status, body } = await command(services, id, verb);
    if (status === 409) {
      // Only an end refuses, and of the ends only completion was nobody's wish.
      expect(body).toMatchObject({ current_status: 'completed', allowed: [] });
      return 'completed';
    }
    if (verb === 'terminate') {
      expect(body).toMatchObject({ status: 'terminated' });
      return 'terminated';
    }
    if (verb === 'pause') expect(body).toMatchObject({ status: 'paused' });
    else expect(['queued', 'running', 'completed']).toContain(body['status']);
    wanted = verb === 'pause' ? 'paused' : 'completed';
  }
  return wanted;
}

async function untilSettled(url: string, id: number, wanted: string): Promise<JobView> {
  for (const until = Date.now() + 60_000; ; await sleep(100)) {
    const view = await readStatus(url, id);
    if (view.status === wanted) return view;
    if (Date.now() > until || view.status === 'failed') throw new Error(`${wanted}? ${JSON.stringify(view)}`);
  }
}

it(
  `${JOBS} jobs at once, paused, resumed, terminated and killed at random, end as the record of their commands implies`,
  async () => {
    const system = await System.create();
    resultText(90_000);
    const [jobApis, calculators] = await Promise.all([
      KilledServices.start(system, 'job-api', 2, environment),
      KilledServices.start(system, 'pi-calculator', 2, environment),
    ]);
    for (let round = 0; round < Math.max(1, Math.round(chaosScale)); round += 1) {
      const ids: number[] = [];
      const nums = Array.from({ length: JOBS }, (_, i) => 30_000 + 2_500 * i + 50 * round);
      const key = (i: number) => ({ 'idempotency-key': `${round}-${i}` });
      for (const [i, num] of nums.entries()) {
        for (let id: number | undefined; id === undefined; ) {
          id = (await persistently(jobApis, (url) => createJob(url, num, key(i)))).id;
          if (id !== undefined) ids.push(id);
        }
      }
      let isOver = false;
      const killing = (async () => {
        // Where starts take long, some of the kills come when all commands are given: jobs still run then.
        while (!isOver || jobApis.kills + calculators.kills < 2 * (round + 1)) {
          const victims = Math.random() < 0.6 ? calculators : jobApis;
          // However long a start takes, some of them get to work.
          await victims.anyUrl();
          await sleep(100 + Math.random() * 500);
          victims.killOne();
        }
      })();
      const wishes = await Promise.all(ids.map((id) => live(jobApis, id)));
      isOver = true;
      await killing;
      const url = (await jobApis.settle())[0]?.url ?? '';
      await calculators.settle();
      for (const [i, id] of ids.entries()) {
        const num = nums[i] ?? 0;
        const wish = wishes[i] ?? '';
        const view = await untilSettled(url, id, wish);
        const final = `${system.dataDir}/${id}.${num}.txt`;
        expect(existsSync(final), `job ${id}, ${wish}`).toBe(wish === 'completed');
        if (wish === 'completed') {
          expect((await readFile(final, 'latin1')) === resultText(num), `job ${id}`).toBe(true);
        } else if (wish === 'terminated') {
          expect(existsSync(`${final}.lock`), `job ${id}`).toBe(false);
        } else {
          expect(view.progress.phase, 'nobody works on it').toBe(null);
          await post(`${url}/jobs/${id}/terminate`);
        }
      }
    }
    const [{ url } = { url: '' }] = await jobApis.settle();
    expect((await readdir(system.dataDir)).filter((name) => name.endsWith('.lock'))).toEqual([]);
    const granted = await Promise.all(Array.from({ length: SLOTS + 3 }, () => requestJson(`${url}/new_job`)));
    expect(
      granted.filter(({ status }) => status === 200),
      'no slot leaked',
    ).toHaveLength(SLOTS);
    expect(jobApis.kills + calculators.kills).toBeGreaterThan(1);
  },
  chaosTimeoutMs(40),
);
