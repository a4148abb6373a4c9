import { expect, it, onTestFinished, vi } from 'vitest';
import { isJobUuid } from './list-ids.ts';
import { newJobUuid } from './new-job-uuid.ts';

it('makes ids in the order in which they were asked for, many in a millisecond', () => {
  const ids = Array.from({ length: 20_000 }, newJobUuid);
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every(isJobUuid)).toBe(true);
});

it('goes on from the last id when the clock is set back', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  const before = newJobUuid();
  vi.setSystemTime(Date.now() - 60_000);
  expect(newJobUuid() > before).toBe(true);
});
