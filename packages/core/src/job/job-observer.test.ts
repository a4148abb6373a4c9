import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { JobObserver } from './job-observer.ts';
import type { JobState } from './job-state.ts';

interface Job {
  readonly state: JobState;
}

/** A job that is changed from outside, and an observer of it. */
function watched() {
  const now: { state: JobState; error?: Error; looks: number } = { state: 'queued', looks: 0 };
  const observer = new JobObserver<Job>(
    {
      async get() {
        now.looks += 1;
        if (now.error !== undefined) throw now.error;
        return { state: now.state };
      },
    },
    1,
  );
  /** Nobody looks at the job any more. */
  const expectStill = async (): Promise<void> => {
    const { looks } = now;
    await sleep(30);
    expect(now.looks).toBe(looks);
  };
  return { now, observer, expectStill };
}

it('a listener that throws takes no news from the others, and is told of the next change', async () => {
  const { now, observer } = watched();
  const heard: string[] = [];
  const warned = once(process, 'warning');
  const unsubscribe = [
    observer.subscribe('1', ({ state }) => {
      heard.push(`first ${state}`);
      throw new Error('a defect of this listener');
    }),
    observer.subscribe('1', ({ state }) => heard.push(`second ${state}`)),
  ];
  await expect.poll(() => heard).toEqual(['first queued', 'second queued']);
  expect(await warned).toEqual([expect.objectContaining({ message: 'a defect of this listener' })]);
  now.state = 'running';
  await expect.poll(() => heard.slice(2)).toEqual(['first running', 'second running']);
  for (const end of unsubscribe) end();
});

it('a wait rejects with what its condition throws, at once or after a change, and leaves no watch behind', async () => {
  const { now, observer, expectStill } = watched();
  const throwOn = (wanted: JobState) => (job: Job) => {
    if (job.state === wanted) throw new Error(`${wanted} was not expected`);
    return false;
  };
  const options = { timeoutMs: 60_000 };
  await expect(observer.waitUntil('1', throwOn('queued'), options)).rejects.toThrow('queued was not');
  const later = observer.waitUntil('1', throwOn('running'), options);
  now.state = 'running';
  await expect(later).rejects.toThrow('running was not');
  await expectStill();
});

it('a wait whose first look fails rejects, and leaves no watch behind', async () => {
  const { now, observer, expectStill } = watched();
  now.error = new Error('the store does not answer');
  await expect(observer.waitUntil('1', () => true, { timeoutMs: 60_000 })).rejects.toThrow('does not answer');
  await expectStill();
});

it('tells of nothing older than what it told of already, however long the store takes', async () => {
  const answers: ((digits: number) => void)[] = [];
  const get = () =>
    new Promise<{ readonly state: 'running'; readonly digits: number }>((resolve) => {
      answers.push((digits) => resolve({ state: 'running', digits }));
    });
  const seen: number[] = [];
  const observer = new JobObserver({ get }, 10);
  onTestFinished(observer.subscribe('1', ({ digits }) => seen.push(digits)));
  await vi.waitFor(() => expect(answers.length).toBeGreaterThan(2), 10_000);
  answers[1]?.(200);
  await vi.waitFor(() => expect(seen).toEqual([200]), 10_000);
  answers[0]?.(100);
  answers[2]?.(150);
  const later = answers.length;
  await vi.waitFor(() => expect(answers.length).toBeGreaterThan(later), 10_000);
  answers[later]?.(300);
  await vi.waitFor(() => expect(seen).toContain(300), 10_000);
  expect(seen).toEqual([200, 300]);
});

it('keeps nothing of a wait that fails', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const observer = new JobObserver({ get: () => Promise.reject(new Error('the store is away')) });
  await expect(observer.waitUntil('1', () => true, { timeoutMs: 60_000 })).rejects.toThrow('away');
  expect(vi.getTimerCount()).toBe(0);
});
