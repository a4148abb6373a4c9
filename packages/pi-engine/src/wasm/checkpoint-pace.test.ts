import { expect, test } from 'vitest';
import { CheckpointPace } from './checkpoint-pace.ts';

function paceAt(): { pace: CheckpointPace; wait: (seconds: number) => void } {
  let now = 1000;
  const pace = new CheckpointPace({}, () => now);
  return {
    pace,
    wait: (seconds) => {
      now += seconds * 1000;
    },
  };
}

test('small checkpoints are written every five seconds at most', () => {
  const { pace, wait } = paceAt();
  expect(pace.isDue(1000)).toBe(false);
  wait(4.9);
  expect(pace.isDue(1000)).toBe(false);
  wait(0.2);
  expect(pace.isDue(1000)).toBe(true);
  pace.wrote(1000, 0.001);
  expect(pace.isDue(1000)).toBe(false);
});

test('a write may take a twenty-fifth of the time since the last, by the speed that was measured', () => {
  const { pace, wait } = paceAt();
  pace.wrote(1e9, 1);
  wait(8);
  expect(pace.isDue(0.3e9)).toBe(true);
  expect(pace.isDue(0.4e9)).toBe(false);
  wait(3);
  expect(pace.isDue(0.4e9)).toBe(true);
});

test('no more than fifteen seconds of work are at risk, however slow the disk is', () => {
  const { pace, wait } = paceAt();
  pace.wrote(1e6, 1);
  wait(14);
  expect(pace.isDue(1e9)).toBe(false);
  wait(2);
  expect(pace.isDue(1e9)).toBe(true);
});
