import { describe, expect, it } from 'vitest';
import { MemoryBudget } from './memory-budget.ts';

describe('the memory budget', () => {
  it('is shared by the jobs that run together', () => {
    const budget = new MemoryBudget(100);
    const release = budget.take(70);
    expect(budget.hasRoomFor(30)).toBe(true);
    expect(budget.hasRoomFor(31)).toBe(false);
    release();
    expect(budget.hasRoomFor(31)).toBe(true);
  });

  it('lets a job that is too large through when it would be alone', () => {
    expect(new MemoryBudget(100).hasRoomFor(1_000)).toBe(true);
  });
});
