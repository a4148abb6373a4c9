import { describe, expect, it } from 'vitest';
import { type Command, InvalidCursorError, type JobStore } from './job-store.ts';

export interface JobStoreUnderTest extends AsyncDisposable {
  /** Empty, and nobody works on its jobs. */
  readonly jobs: JobStore;
  /** The same store as another process has it. */
  readonly other: JobStore;
}

const NO_IDS = [
  '',
  '0',
  '-1',
  '01',
  '1e3',
  'x',
  '..',
  '../1',
  '00000000-0000-4000-8000-000000000000',
  '999999',
];

/** What every job store does, whatever is behind it. */
export function describeJobStore(name: string, makeStore: () => Promise<JobStoreUnderTest>): void {
  const create = async (jobs: JobStore, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let num = 1; num <= count; num += 1) ids.push((await jobs.create({ num, verify: false })).id);
    return ids;
  };

  describe(`job store: ${name}`, () => {
    it('shows a job to every process as soon as it is acknowledged', async () => {
      await using test = await makeStore();
      const { id, num, replayed } = await test.jobs.create({ num: 1000, verify: true });
      expect({ num, replayed }).toEqual({ num: 1000, replayed: false });
      expect(await test.other.get(id)).toMatchObject({
        id,
        kind: 'digits',
        num: 1000,
        verify: true,
        state: 'queued',
        startedAt: null,
        finishedAt: null,
        progress: { digitsWritten: 0, fraction: 0, etaSeconds: null },
        error: null,
      });
    });

    it.each(NO_IDS)('knows no job %j', async (id) => {
      await using test = await makeStore();
      await create(test.jobs, 1);
      expect(await test.jobs.get(id)).toBeUndefined();
      expect(await test.jobs.command(id, 'paused')).toBeUndefined();
    });

    it('lists jobs newest first, page by page, none twice and none left out', async () => {
      await using test = await makeStore();
      const ids = (await create(test.jobs, 7)).reverse();
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await test.other.list({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.jobs.length).toBeLessThanOrEqual(3);
        seen.push(...page.jobs.map((job) => job.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(ids);
    });

    it('lists the jobs that are older than a given one', async () => {
      await using test = await makeStore();
      const ids = await create(test.jobs, 4);
      const page = await test.other.list({ limit: 9, cursor: ids[2] ?? '' });
      expect(page).toMatchObject({ jobs: [{ id: ids[1] }, { id: ids[0] }], nextCursor: null });
    });

    it('lists the jobs of one state, and counts those that have not ended', async () => {
      await using test = await makeStore();
      const [first = '', second = ''] = await create(test.jobs, 4);
      await test.jobs.command(first, 'paused');
      await test.jobs.command(second, 'paused');
      const paused = await test.other.list({ limit: 10, state: 'paused' });
      expect(paused.jobs.map(({ id }) => id)).toEqual([second, first]);
      expect(await test.jobs.countUnfinished()).toEqual({ queued: 2, running: 0, paused: 2 });
    });

    it('refuses a cursor that it has not given out', async () => {
      await using test = await makeStore();
      await create(test.jobs, 2);
      await expect(test.jobs.list({ limit: 1, cursor: 'no cursor' })).rejects.toThrow(InvalidCursorError);
    });

    it('does at once what a client asks of a job that nobody runs, and says what the state does not allow', async () => {
      await using test = await makeStore();
      const [id = ''] = await create(test.jobs, 1);
      const steps: [Command, string, string][] = [
        ['running', 'done', 'queued'],
        ['paused', 'done', 'paused'],
        ['paused', 'done', 'paused'],
        ['running', 'done', 'queued'],
        ['paused', 'done', 'paused'],
        ['terminated', 'done', 'terminated'],
        ['terminated', 'done', 'terminated'],
        ['running', 'refused', 'terminated'],
        ['paused', 'refused', 'terminated'],
      ];
      for (const [command, outcome, state] of steps) {
        expect(await test.jobs.command(id, command)).toMatchObject({ outcome, job: { state } });
        expect(await test.other.get(id)).toMatchObject({ state });
      }
      expect((await test.other.get(id))?.finishedAt).not.toBeNull();
    });

    it('lets one of many who ask for different things at once win, and ends in a state that was asked for', async () => {
      await using test = await makeStore();
      const [id = ''] = await create(test.jobs, 1);
      const asked: Command[] = ['paused', 'running', 'paused', 'running', 'terminated', 'paused'];
      await Promise.all(
        asked.map((command, turn) => (turn % 2 === 0 ? test.jobs : test.other).command(id, command)),
      );
      expect(await test.other.get(id)).toMatchObject({ state: 'terminated' });
    });

    it('takes requests with one key for one request, also those that come at once to two processes', async () => {
      await using test = await makeStore();
      const job = { num: 7, verify: false, idempotency: { key: 'k', fingerprint: '{"num":7}' } };
      const answers = await Promise.allSettled(
        [1, 2, 3, 4].map((n) => (n % 2 ? test.jobs : test.other).create(job)),
      );
      const refused = answers
        .filter(({ status }) => status === 'rejected')
        .map((one) => 'reason' in one && one.reason);
      for (const reason of refused) expect(reason).toMatchObject({ kind: 'in-flight' });
      const made = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(made.filter(({ replayed }) => !replayed)).toHaveLength(1);
      const again = await test.other.create(job);
      expect(again).toMatchObject({ id: made[0]?.id, num: 7, replayed: true });
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect((await test.jobs.list({ limit: 10 })).jobs).toHaveLength(1);
    });

    it('refuses another body with a key that was used', async () => {
      await using test = await makeStore();
      await test.jobs.create({ num: 7, verify: false, idempotency: { key: 'k', fingerprint: '{"num":7}' } });
      const other = { num: 8, verify: false, idempotency: { key: 'k', fingerprint: '{"num":8}' } };
      await expect(test.other.create(other)).rejects.toMatchObject({ kind: 'mismatch' });
    });
  });
}
