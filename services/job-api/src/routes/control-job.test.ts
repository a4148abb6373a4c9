import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Answer, ask, openQueue, post, startJobApi } from '../testing/start-job-api.ts';

const STATES = ['queued', 'running', 'paused', 'completed', 'failed', 'terminated'] as const;
type State = (typeof STATES)[number];

/** A job in that state, in the hands of a calculator that obeys. */
async function jobIn(state: State) {
  const api = await startJobApi();
  await ask(`${api.url}/jobs`, { json: { num: 5 } });
  const job = `${api.url}/jobs/1`;
  const obey = async (): Promise<void> => {
    const { mustClaim } = await openQueue(api.dataDir);
    const claim = await mustClaim();
    claim.signal.addEventListener('abort', () => {
      if (claim.signal.reason.reason !== 'lost') void claim.settle();
    });
    await claim.appendDigits(Buffer.from('31415'));
    if (state === 'completed') await claim.complete(null);
    if (state === 'failed') await claim.fail('out of luck');
  };
  if (state === 'running' || state === 'completed' || state === 'failed') await obey();
  if (state === 'paused') await post(`${job}/pause`);
  if (state === 'terminated') await post(`${job}/terminate`);
  expect((await ask(`${job}/status`)).body).toMatchObject({ status: state });
  return { ...api, job };
}

const VERBS = {
  pause: (job: string) => post(`${job}/pause`),
  resume: (job: string) => post(`${job}/resume`),
  terminate: (job: string) => post(`${job}/terminate`),
  delete: (job: string) => ask(job, { method: 'DELETE' }),
};

/** What each request makes of each state; a list is a refusal with the moves that it names. */
const OUTCOMES: Readonly<
  Record<State, Readonly<Record<'pause' | 'resume' | 'terminate', State | readonly State[]>>>
> = {
  queued: { pause: 'paused', resume: 'queued', terminate: 'terminated' },
  running: { pause: 'paused', resume: 'running', terminate: 'terminated' },
  paused: { pause: 'paused', resume: 'queued', terminate: 'terminated' },
  completed: { pause: [], resume: [], terminate: [] },
  failed: { pause: [], resume: [], terminate: [] },
  terminated: { pause: [], resume: [], terminate: 'terminated' },
};

function expectOutcome({ status, body }: Answer, from: State, outcome: State | readonly State[]): void {
  if (typeof outcome === 'string') {
    expect([status, body['status'], body['success']]).toEqual([200, outcome, true]);
    return;
  }
  expect(status, JSON.stringify(body)).toBe(409);
  expect(body).toMatchObject({
    success: false,
    code: 'state_conflict',
    current_status: from,
    allowed: outcome,
  });
}

describe('pause, resume, terminate and DELETE', () => {
  it.each(STATES)('do what the table says to a job that is %s', async (state) => {
    for (const verb of ['pause', 'resume', 'terminate', 'delete'] as const) {
      const { job } = await jobIn(state);
      const outcome = OUTCOMES[state][verb === 'delete' ? 'terminate' : verb];
      expectOutcome(await VERBS[verb](job), state, outcome);
      const now = typeof outcome === 'string' ? outcome : state;
      expect((await ask(`${job}/status`)).body).toMatchObject({ status: now });
      // Asked again it is so already.
      if (typeof outcome === 'string') expectOutcome(await VERBS[verb](job), state, outcome);
    }
  });

  it.each(['2', '0', '-1', '01', 'x', '1.0', '%31%00', '9'.repeat(40), '..%2f1'])(
    'find no job %s',
    async (id) => {
      const { url } = await jobIn('queued');
      for (const verb of ['pause', 'resume', 'terminate', 'delete'] as const) {
        expect((await VERBS[verb](`${url}/jobs/${id}`)).status).toBe(404);
      }
      expect((await ask(`${url}/jobs/1/status`)).body).toMatchObject({ status: 'queued' });
    },
  );

  it('answer 202 when the calculator does not let go in time, and the pause comes true when it does', async () => {
    const { url, dataDir } = await startJobApi();
    await ask(`${url}/jobs`, { json: { num: 5 } });
    const { mustClaim } = await openQueue(dataDir);
    const claim = await mustClaim();
    const startedAt = performance.now();
    const asked = await post(`${url}/jobs/1/pause`);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect([asked.status, asked.body['status']]).toEqual([202, 'running']);
    expect((await post(`${url}/jobs/1/terminate`)).status).toBe(202);
    expect((await post(`${url}/jobs/1/pause`)).status, 'the end was asked for already').toBe(409);
    await claim.settle();
    expect((await ask(`${url}/jobs/1/status`)).body).toMatchObject({ status: 'terminated' });
  });

  it('keep the certain digits of a paused job and remove those of a terminated one, not its record', async () => {
    const { url, dataDir } = await startJobApi();
    await ask(`${url}/jobs`, { json: { num: 100 } });
    const { mustClaim } = await openQueue(dataDir);
    const claim = await mustClaim();
    await claim.appendDigits(Buffer.from('314159'));
    const paused = post(`${url}/jobs/1/pause`);
    await once(claim.signal, 'abort');
    await claim.settle();
    expect((await paused).body).toMatchObject({ status: 'paused', progress: { digits_written: 6 } });
    expect(existsSync(`${dataDir}/1.100.txt.lock`)).toBe(true);
    expect((await ask(`${url}/jobs/1`, { method: 'DELETE' })).body).toMatchObject({ status: 'terminated' });
    expect(existsSync(`${dataDir}/1.100.txt.lock`)).toBe(false);
    expect((await ask(`${url}/jobs/1`)).body).toMatchObject({ status: 'terminated', num: 100 });
    expect((await ask(`${url}/jobs/1/status`)).headers.get('retry-after')).toBe(null);
  });

  it('given all at once on two instances leave the job in one state that both tell', async () => {
    const { url, dataDir } = await startJobApi();
    const other = await startJobApi({ dataDir });
    for (let id = 1; id <= 10; id += 1) await ask(`${url}/jobs`, { json: { num: 5 } });
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const path = `/jobs/${index + 1}`;
        const answers = await Promise.all(
          [url, other.url].flatMap((base) =>
            (['pause', 'resume', 'pause', 'terminate'] as const).map((verb) =>
              post(`${base}${path}/${verb}`),
            ),
          ),
        );
        for (const { status } of answers) expect([200, 409]).toContain(status);
        for (const base of [url, other.url]) {
          expect((await ask(`${base}${path}/status`)).body).toMatchObject({ status: 'terminated' });
        }
      }),
    );
  });
});
