import { expect, it, onTestFinished, vi } from 'vitest';
import { JobObserver } from './job-observer.ts';

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
