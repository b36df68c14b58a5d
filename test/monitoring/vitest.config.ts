import { defineConfig } from 'vitest/config'

/** The suites need a Prometheus; see test/monitoring/README.md. */
export default defineConfig({
  test: {
    include: ['test/monitoring/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 300_000,
    hookTimeout: 240_000,
    teardownTimeout: 60_000,
    fileParallelism: false,
  },
})
