import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@pi-jobs/source'] },
  ssr: { resolve: { conditions: ['@pi-jobs/source'] } },
  test: {
    include: ['{packages,services}/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'],
    setupFiles: ['tests/support/seed-properties.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
