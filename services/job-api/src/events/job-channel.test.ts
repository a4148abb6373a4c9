import { setTimeout as sleep } from 'node:timers/promises';
import type { DigitJob } from '@pi-jobs/core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { JobChannel, type JobEvent } from './job-channel.ts';

function runningJob(fraction: number): DigitJob {
  return {
    id: '1',
    kind: 'digits',
    num: 1000,
    verify: false,
    state: 'running',
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: null,
    progress: { digitsWritten: 0, fraction, etaSeconds: null, phase: 'splitting', digitsPerSecond: null },
    error: null,
    report: null,
  };
}

/** A channel with so many listeners, and what one of them was told. */
function listenedTo(listeners: number): { readonly channel: JobChannel; readonly told: readonly JobEvent[] } {
  const channel = new JobChannel();
  const told: JobEvent[] = [];
  channel.listen((event) => void told.push(event));
  for (let more = 1; more < listeners; more += 1) channel.listen(() => undefined);
  return { channel, told };
}

it('tells a few listeners of progress often, and hundreds seldom enough to cost the job nothing', () => {
  const few = listenedTo(3);
  const many = listenedTo(500);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  for (let fraction = 0; few.told.length < 9; fraction += 0.0001) {
    few.channel.update(runningJob(fraction));
    many.channel.update(runningJob(fraction));
    vi.advanceTimersByTime(10);
  }
  expect(many.told.length).toBeGreaterThanOrEqual(1);
  expect(many.told.length).toBeLessThanOrEqual(4);
});

it('tells of a change of the status at once, however many listen', () => {
  const channel = new JobChannel();
  const told: JobEvent[] = [];
  for (let i = 0; i < 500; i += 1) channel.listen((event) => void told.push(event));
  channel.update(runningJob(0.1));
  channel.update({ ...runningJob(0.2), state: 'paused' });
  expect(told).toHaveLength(1_000);
  expect(new Set(told).size, 'one event for all').toBe(2);
});

it('tells the last progress when its time has come, though nothing follows', async () => {
  const channel = new JobChannel();
  channel.listen(() => undefined);
  channel.update(runningJob(0.1));
  channel.update(runningJob(0.2));
  while (channel.newest?.sequence !== 2) await sleep(10);
  expect(channel.newest.text).toContain('"fraction":0.2');
});

it('has ended once it has told of the end, though an older look at the job comes in after it', () => {
  const { channel, told } = listenedTo(1);
  channel.update(runningJob(0.9));
  channel.update({ ...runningJob(1), state: 'completed' });
  channel.update(runningJob(0.9));
  expect(told.map(({ isLast }) => isLast)).toEqual([false, true]);
  expect(channel.newest?.isLast, 'or whoever listens from now on waits for ever').toBe(true);
});
