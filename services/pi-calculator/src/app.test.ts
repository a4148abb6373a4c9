import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { composeCalculator, temporaryVolume } from './testing/compose-calculator.ts';

async function startWithLedger(ledger: string) {
  const dataDir = await temporaryVolume();
  await writeFile(`${dataDir}/jobs.txt`, ledger);
  return composeCalculator(dataDir);
}

const problem = (status: number, code: string) => ({
  success: false,
  status,
  code,
  error: expect.any(String),
});

describe('POST /calculations', () => {
  it('takes a job of the ledger, any number of times', async () => {
    const { app } = await startWithLedger('1, 5\n');
    for (let i = 0; i < 3; i += 1) {
      const answer = await request(app).post('/calculations').send({ job_id: 1, num: 5 });
      expect(answer.status).toBe(202);
      expect(answer.headers['location']).toBe('/calculations/1');
      expect(answer.body).toEqual({ success: true, job_id: 1, num: 5, status: 'queued' });
    }
  });

  it('refuses a job that the ledger does not hold, or holds with another num', async () => {
    const { app } = await startWithLedger('1, 5\n2, 6');
    for (const job_id of [2, 999, 9_007_199_254_740_991, '00000000-0000-4000-8000-000000000000']) {
      const answer = await request(app).post('/calculations').send({ job_id, num: 6 });
      expect(answer.body).toMatchObject(problem(404, 'job_not_found'));
    }
    const other = await request(app).post('/calculations').send({ job_id: 1, num: 6 });
    expect(other.body).toMatchObject(problem(409, 'job_mismatch'));
  });

  it('refuses every body that is none of a job', async () => {
    const { app } = await startWithLedger('1, 5\n');
    const bodies = [
      {},
      [],
      null,
      5,
      { job_id: 1 },
      { num: 5 },
      { job_id: '1', num: 5 },
      { job_id: 1, num: '5' },
      { job_id: 0, num: 5 },
      { job_id: -1, num: 5 },
      { job_id: 1.5, num: 5 },
      { job_id: 1, num: 0 },
      { job_id: 1, num: -5 },
      { job_id: 1, num: 5.5 },
      { job_id: null, num: 5 },
      { job_id: 1, num: null },
      { job_id: [1], num: 5 },
      { job_id: 1, num: 5, extra: 1 },
      { job_id: '../../etc/passwd', num: 5 },
      { job_id: 'x'.repeat(1_000), num: 5 },
    ];
    for (const body of bodies) {
      const answer = await request(app).post('/calculations').type('json').send(JSON.stringify(body));
      expect(answer.body, JSON.stringify(body)).toMatchObject(problem(400, 'invalid_request'));
    }
    const broken = await request(app).post('/calculations').type('json').send('{"job_id":1,');
    expect(broken.body).toMatchObject(problem(400, 'malformed_json'));
    const form = await request(app).post('/calculations').type('form').send('job_id=1&num=5');
    expect(form.body).toMatchObject(problem(415, 'unsupported_media_type'));
  });
});

describe('GET /calculations', () => {
  it('is empty while nothing runs, and tells of one job as the Job API does', async () => {
    const { app } = await startWithLedger('1, 5\n');
    expect((await request(app).get('/calculations')).body).toEqual({ calculations: [] });
    const one = await request(app).get('/calculations/1');
    expect(one.body).toMatchObject({ success: true, job_id: 1, num: 5, status: 'queued', here: false });
  });

  it('has no calculation under an id that is none', async () => {
    const { app } = await startWithLedger('1, 5\n');
    for (const id of [
      '0',
      '-1',
      '01',
      '1.0',
      '1e0',
      '2',
      '%20',
      '%D9%A1',
      '%00',
      '..%2f1',
      '%2e%2e%2fjobs.txt',
      '1%2f..',
      '__proto__',
    ]) {
      expect((await request(app).get(`/calculations/${id}`)).body, id).toMatchObject({
        success: false,
        status: 404,
      });
      for (const verb of ['pause', 'resume', 'terminate']) {
        const answer = await request(app).post(`/calculations/${id}/${verb}`);
        expect(answer.body, id).toMatchObject({ success: false, status: 404 });
      }
    }
    for (const method of ['put', 'delete', 'patch'] as const) {
      expect((await request(app)[method]('/calculations/1')).body).toMatchObject(
        problem(405, 'method_not_allowed'),
      );
    }
  });
});

describe('a calculator', () => {
  it('finds the work of a ledger that was written by hand, without a call', async () => {
    const { app, calculator, dataDir } = await startWithLedger('1, 5\n2, 1\n3, 2\n');
    calculator.start();
    for (const id of [1, 2, 3]) {
      while ((await request(app).get(`/calculations/${id}`)).body.status !== 'completed') await sleep(20);
    }
    expect(await readFile(`${dataDir}/1.5.txt`, 'latin1')).toBe('3.1415');
    expect(await readFile(`${dataDir}/2.1.txt`, 'latin1')).toBe('3');
    expect(await readFile(`${dataDir}/3.2.txt`, 'latin1')).toBe('3.1');
    // A job is complete a moment before its calculator has counted it.
    const metrics = async () => (await request(app).get('/metrics')).text;
    await expect.poll(metrics).toMatch(/^pi_jobs_claims_total\{end="completed"\} 3$/m);
    expect(await metrics()).toMatch(/^pi_jobs_digits_computed_total 8$/m);
  });

  it('controls a job that waits, and refuses what its state does not allow', async () => {
    const { app } = await startWithLedger('1, 5\n2, 6\n');
    const ask = (verb: string, id = 1) => request(app).post(`/calculations/${id}/${verb}`);
    expect((await ask('pause', 2)).body).toMatchObject({ status: 'paused' });
    expect((await ask('pause')).body).toMatchObject({ status: 'paused' });
    expect((await ask('pause')).status).toBe(200);
    expect((await ask('terminate')).body).toMatchObject({ status: 'terminated' });
    expect((await ask('terminate')).status).toBe(200);
    for (const verb of ['pause', 'resume']) {
      expect((await ask(verb)).body).toMatchObject({
        ...problem(409, 'state_conflict'),
        current_status: 'terminated',
      });
    }
    expect((await ask('resume', 2)).status).toBe(200);
    while ((await request(app).get('/calculations/2')).body.status !== 'completed') await sleep(20);
    expect((await ask('terminate', 2)).body).toMatchObject(problem(409, 'state_conflict'));
  });
});
