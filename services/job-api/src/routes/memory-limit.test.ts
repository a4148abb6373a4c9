import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { composeJobApi, temporaryVolume } from '../testing/compose-job-api.ts';

/** More than any machine that runs this test can hold. */
const TOO_MANY = 10 ** 14;
const env = { MAX_DIGITS: String(10 ** 15) };

describe('digits that do not fit the machine', () => {
  it('are refused at creation with what would fit, and that is taken', async () => {
    const { app } = await composeJobApi(await temporaryVolume(), env);
    const refused = await request(app).post('/jobs').send({ num: TOO_MANY });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ success: false, code: 'too_many_digits' });
    const { most_digits: mostDigits } = refused.body;
    expect(refused.body.error).toContain(`${mostDigits} would fit`);
    expect((await request(app).post('/jobs').send({ num: mostDigits })).status).toBe(202);
    expect(
      (
        await request(app)
          .post('/jobs')
          .send({ num: mostDigits + 1 })
      ).status,
    ).toBe(400);
  });

  it('leave a worker id unused', async () => {
    const { app } = await composeJobApi(await temporaryVolume(), env);
    const { worker_id: workerId } = (await request(app).get('/new_job')).body;
    expect((await request(app).post(`/job/new/${workerId}`).send({ num: TOO_MANY })).status).toBe(400);
    expect((await request(app).get(`/status/${workerId}`)).body).toMatchObject({ status: 'reserved' });
  });
});
