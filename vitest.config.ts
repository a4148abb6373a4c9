import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { MixedSequence } from './tests/support/mixed-sequence.ts';

export default defineConfig({
  resolve: { conditions: ['@pi-jobs/source'] },
  ssr: { resolve: { conditions: ['@pi-jobs/source'] } },
  test: {
    include: ['{packages,services}/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'],
    setupFiles: ['tests/support/seed-properties.ts'],
    // Nobody waits for these: they end a test that hangs, on a machine that has other things to do.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    // One more than there are cores: while one waits for a lease to run out or a program to sleep, the others work.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: MixedSequence },
    reporters: ['default'],
  },
});
