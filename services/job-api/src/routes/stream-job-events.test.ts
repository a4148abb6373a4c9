import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openEvents } from '../testing/event-stream.ts';
import { ask, openQueue, post, startJobApi } from '../testing/start-job-api.ts';

async function startWithJob(options: Parameters<typeof startJobApi>[0] = {}) {
  const api = await startJobApi(options);
  await ask(`${api.url}/jobs`, { json: { num: 1000 } });
  return { ...api, events: `${api.url}/jobs/1/events`, job: `${api.url}/jobs/1` };
}

describe('GET /jobs/:id/events', () => {
  it('begins with the present status, tells every change and ends with the last status', async () => {
    const { dataDir, events, job } = await startWithJob();
    const stream = await openEvents(events);
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers.get('x-accel-buffering')).toBe('no');
    expect(stream.headers.get('cache-control')).toBe('no-store');
    expect(await stream.atLeast(1)).toMatchObject([{ type: 'status', job: { status: 'queued', job_id: 1 } }]);
    expect(stream.text()).toMatch(/^retry: \d+\n\n/);

    const { mustClaim } = await openQueue(dataDir);
    const claim = await mustClaim();
    expect((await stream.atLeast(2)).at(-1)).toMatchObject({ type: 'status', job: { status: 'running' } });
    await sleep(300);
    claim.reportProgress({ phase: 'splitting', fraction: 0.25 });
    while (stream.events().at(-1)?.job.progress.fraction !== 0.25) await sleep(20);
    expect(stream.events().at(-1)).toMatchObject({
      type: 'progress',
      job: { status: 'running', progress: { phase: 'splitting' } },
    });
    const paused = post(`${job}/pause`);
    await once(claim.signal, 'abort');
    await claim.settle();
    expect((await paused).status).toBe(200);
    while (stream.events().at(-1)?.job.status !== 'paused') await sleep(20);
    await post(`${job}/terminate`);
    const all = await stream.ended;
    expect(all.at(-1)).toMatchObject({ type: 'status', job: { status: 'terminated' } });
    const statuses = all.filter(({ type }) => type === 'status').map(({ job: { status } }) => status);
    expect(statuses).toEqual(['queued', 'running', 'paused', 'terminated']);
    const numbers = all.map(({ id }) => Number(id.split('-')[1]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it('gives one who comes late the last status at once, and the end, however often', async () => {
    const { events, job } = await startWithJob();
    await post(`${job}/terminate`);
    for (let visit = 0; visit < 3; visit += 1) {
      const all = await (await openEvents(events)).ended;
      expect(all).toMatchObject([
        { type: 'status', job: { status: 'terminated', progress: { eta_seconds: 0 } } },
      ]);
      await sleep(300);
      const again = await (await openEvents(events, all[0]?.id)).ended;
      expect(again, 'nothing came after the last').toEqual([]);
    }
  });

  it('replays what came after the event that was seen last, and nothing else', async () => {
    const { events, job } = await startWithJob();
    const first = await openEvents(events);
    const [seen] = await first.atLeast(1);
    first.leave();
    await post(`${job}/pause`);
    await post(`${job}/resume`);
    await sleep(400);
    await post(`${job}/terminate`);
    await sleep(200);
    const missed = await (await openEvents(events, seen?.id)).ended;
    expect(missed.length).toBeGreaterThan(0);
    expect(missed.at(-1)).toMatchObject({ type: 'status', job: { status: 'terminated' } });
    expect(missed.map(({ id }) => id)).not.toContain(seen?.id);
    const rest = await (await openEvents(events, missed[0]?.id)).ended;
    expect(rest).toEqual(missed.slice(1));
  });

  it('goes on from the present state after an id that it does not know', async () => {
    const { events } = await startWithJob();
    const [known] = await (await openEvents(events)).atLeast(1);
    const name = known?.id.split('-')[0];
    const unknown = [
      '',
      '1',
      '0',
      '-1',
      'x-1',
      `${name}`,
      `${name}-`,
      `${name}-999999`,
      `${name}--1`,
      `${name}-1-1`,
      `${name}-1e0`,
      `${name}-${'9'.repeat(400)}`,
      'NaN',
      'a'.repeat(5_000),
      '{"id":1}',
    ];
    for (const id of unknown) {
      const stream = await openEvents(events, id);
      expect(stream.status, id).toBe(200);
      expect((await stream.atLeast(1))[0], id).toMatchObject({ type: 'status', job: { status: 'queued' } });
      stream.leave();
    }
  });

  it('goes on from the present state after an id of before a restart', async () => {
    const { events, job, dataDir, stop } = await startWithJob();
    const [before] = await (await openEvents(events)).atLeast(1);
    await stop();
    const next = await startJobApi({ dataDir });
    const stream = await openEvents(`${next.url}/jobs/1/events`, before?.id);
    expect(await stream.atLeast(1)).toMatchObject([{ type: 'status', job: { status: 'queued' } }]);
    expect(job).toContain('/jobs/1');
  });

  it('tells what another instance did', async () => {
    const { events, dataDir } = await startWithJob();
    const other = await startJobApi({ dataDir });
    const stream = await openEvents(events);
    await stream.atLeast(1);
    await post(`${other.url}/jobs/1/pause`);
    expect((await stream.atLeast(2))[1]).toMatchObject({ type: 'status', job: { status: 'paused' } });
  });

  it('gives signs of life while nothing happens', async () => {
    const { events } = await startWithJob({ times: { heartbeatMs: 50 } });
    const stream = await openEvents(events);
    await stream.atLeast(1);
    while ((stream.text().match(/^: still here\n\n/gm)?.length ?? 0) < 3) await sleep(20);
    expect(stream.events()).toHaveLength(1);
  });

  it('ends whole when the service stops', async () => {
    const { events, stop } = await startWithJob();
    const streams = await Promise.all(Array.from({ length: 20 }, () => openEvents(events)));
    await Promise.all(streams.map((stream) => stream.atLeast(1)));
    const startedAt = performance.now();
    expect(await stop()).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    for (const stream of streams) expect(await stream.ended).toHaveLength(1);
  });

  it('looks at the job no more once the listeners have left', async () => {
    const { events, server } = await startWithJob();
    const streams = await Promise.all(Array.from({ length: 50 }, () => openEvents(events)));
    await Promise.all(streams.map((stream) => stream.atLeast(1)));
    for (const stream of streams) stream.leave();
    const connections = () =>
      new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    for (const until = Date.now() + 3_000; (await connections()) > 1 && Date.now() < until; ) await sleep(20);
    expect(await connections()).toBeLessThanOrEqual(1);
  });

  it('cuts a listener that reads nothing instead of keeping all for it', async () => {
    const { dataDir, port, url } = await startWithJob();
    const { mustClaim } = await openQueue(dataDir);
    const deaf = connect({ port, host: '127.0.0.1' });
    deaf.on('error', () => undefined);
    deaf.write('GET /jobs/1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(deaf, 'readable');
    deaf.pause();
    const attentive = await openEvents(`${url}/jobs/1/events`);
    const hasTold = async (status: string): Promise<void> => {
      const newest = () => attentive.text().slice(attentive.text().lastIndexOf('\ndata: ')).slice(0, 200);
      while (!newest().includes(`"status":"${status}"`)) await sleep(20);
    };
    // Far more than the two kernels' socket buffers hold.
    for (let round = 0; round < 14; round += 1) {
      const claim = await mustClaim();
      await hasTold('running');
      await claim.settle('x'.repeat(3 << 20));
      await hasTold('queued');
    }
    const closed = once(deaf, 'close').then(() => 'closed');
    deaf.resume();
    expect(await Promise.race([closed, sleep(5_000, 'still open')])).toBe('closed');
    expect(deaf.bytesRead).toBeLessThan(14 * (3 << 20));
  }, 60_000);

  it('answers HEAD with the head alone, and 404 for what is no job', async () => {
    const { events, url } = await startWithJob();
    const head = await fetch(events, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const id of ['2', '0', '-1', '01', '1.0', 'x', '9'.repeat(30)]) {
      expect((await ask(`${url}/jobs/${id}/events`)).status, id).toBe(404);
    }
  });
});
