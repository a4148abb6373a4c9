import { expect, test } from 'vitest';
import { progressLine } from './progress-bar.ts';

test.each([
  [0, 1, '[------------------------------]   0.0 % splitting'],
  [0.5, 12.2, '[###############---------------]  50.0 % splitting, 13 s left'],
  [0.25, 100, '[########----------------------]  25.0 % splitting, 5 min 0 s left'],
  [0.1, 1000, '[###---------------------------]  10.0 % splitting, 2 h 30 min left'],
  [1, 60, '[##############################] 100.0 % splitting, 0 s left'],
])('at %d after %d s the bar reads %s', (fraction, seconds, line) => {
  expect(progressLine({ fraction, phase: 'splitting' }, seconds)).toBe(line);
});
