import type { EngineProgress } from '@pi-jobs/core/engine';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type PlannedProgress, TimePlan } from './time-plan.ts';
import { watchProgress } from './watch-progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const plan = new TimePlan({ decimals: 10_000_000, threads: 2, verify: true, firstDigit: 0 });
/** A hundredth of the time is for what follows the computation. */
const computing = 0.99;
const middle = computing * (plan.endOf('splitting') / 2);
const halfOfSplitting = { phase: 'splitting', work: workUntil(middle / computing) } as const;

/** Work of the splitting at that share of the whole time. */
function workUntil(share: number): number {
  let [low, high] = [0, 1e12];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (plan.shareAt({ phase: 'splitting', work: middle }) < share) low = middle;
    else high = middle;
  }
  return low;
}

function watch(): { told: EngineProgress[]; now: (progress: PlannedProgress, seconds: number) => number } {
  let progress: PlannedProgress = { phase: 'start', work: 0 };
  const told: EngineProgress[] = [];
  watchProgress(() => progress, plan, { onProgress: (step) => void told.push(step) });
  const now = (next: PlannedProgress, seconds: number): number => {
    progress = next;
    vi.advanceTimersByTime(seconds * 1000);
    return told.at(-1)?.fraction ?? Number.NaN;
  };
  return { told, now };
}

it('tells nothing before the computation has begun, whatever earlier runs have left', () => {
  const { told, now } = watch();
  now({ phase: 'start', work: 0 }, 5);
  expect(told).toEqual([]);
  expect(now(halfOfSplitting, 0.02)).toBeCloseTo(middle, 3);
  // What is there from the start says nothing of the speed.
  expect(now(halfOfSplitting, 5)).toBeCloseTo(middle, 3);
});

it('between two news the fraction goes on at the speed so far, as long as a step can take', () => {
  const { told, now } = watch();
  now({ phase: 'splitting', work: 0 }, 0.02);
  now({ phase: 'splitting', work: 0 }, 4);
  expect(now(halfOfSplitting, 0.02)).toBeCloseTo(middle, 3);
  expect(now(halfOfSplitting, 0.1)).toBeCloseTo(middle * (1 + 0.1 / 4), 3);
  expect(now(halfOfSplitting, 100)).toBeCloseTo(middle + computing * plan.longestStepOf('splitting'), 3);
  const fractions = told.map(({ fraction }) => fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
});

it('a phase that takes longer than planned does not run into the next one', () => {
  const { now } = watch();
  now({ phase: 'splitting', work: 0 }, 0.02);
  const end = computing * plan.endOf('root');
  expect(now({ phase: 'root', work: 1e15 }, 3)).toBe(end);
  expect(now({ phase: 'root', work: 1e15 }, 3)).toBe(end);
});

it('a certification, which tells nothing of itself, goes on to its end, and the verification from there', () => {
  const { now } = watch();
  now({ phase: 'splitting', work: 0 }, 0.02);
  now({ phase: 'splitting', work: 0 }, 4);
  const begun = now({ phase: 'certification', work: 0 }, 0.02);
  expect(begun).toBeCloseTo(computing * plan.endOf('conversion'), 3);
  expect(now({ phase: 'certification', work: 0 }, 0.2)).toBeGreaterThan(begun);
  const end = computing * plan.endOf('certification');
  expect(now({ phase: 'certification', work: 0 }, 100)).toBe(end);
  expect(now({ phase: 'verification', work: 0 }, 0.02)).toBe(end);
  expect(now({ phase: 'verification', work: 0.5 }, 0.02)).toBeCloseTo((end + computing) / 2, 9);
  expect(now({ phase: 'verification', work: 1 }, 100)).toBe(computing);
});

it('a phase that begins where the one before has long been told to be is not told further for that', () => {
  const { now } = watch();
  now({ phase: 'splitting', work: 0 }, 0.02);
  now({ phase: 'splitting', work: 1e15 }, 30);
  const end = computing * plan.endOf('splitting');
  expect(now({ phase: 'root', work: 0 }, 0.02)).toBeCloseTo(end, 3);
});
