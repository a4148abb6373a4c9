import { expect, test } from 'vitest';
import { availableThreads } from '../machine.ts';
import { likelyThreads } from './start-threads.ts';

const all = availableThreads();

test.each([
  ['3000000', all],
  ['3000000 --threads 3', 3],
  ['--threads 3 3000000', 3],
  ['--threads=3 3000000 --json', 3],
  ['--threads 1000 3000000', 64],
  ['--out 20 3000000', all],
  // The command's own thread is one of those that compute.
  ['1000000', all - 1],
  ['1000000 --threads 3', 2],
  ['1000000 --threads 1', 0],
  ['1000000 --threads 1000', 63],
  ['--out 5000000 1000000', all - 1],
  ['--out 5000000 20', 0],
  ['--out=5000000 20', 0],
  ['20', 0],
  ['1000000 --threads many', 0],
  ['1000000 --threads', 0],
  ['1000000 --engine spigot', 0],
  ['1000000 --engine=bigint', 0],
  ['1000000 --help', 0],
  ['--threads 3', 0],
  ['', 0],
])('%j lets %d threads start early', (line, threads) => {
  expect(likelyThreads(line.split(' '))).toBe(threads);
});
