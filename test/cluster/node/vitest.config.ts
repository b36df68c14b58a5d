import { defineConfig } from 'vitest/config'

/** Two nodes for all suites, which run one after the other; `npm run test:cluster -- --node` starts it (isolated.ts). */
export default defineConfig({
  test: {
    include: ['test/cluster/node/*.test.ts'],
    globalSetup: ['test/cluster/node/setup.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 120_000,
    fileParallelism: false,
  },
})
