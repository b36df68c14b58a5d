import { defineConfig } from 'vitest/config'

/** The suites run in a browser, over a whole system of their own; see test/browser/README.md. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 300_000,
    hookTimeout: 240_000,
    teardownTimeout: 60_000,
    fileParallelism: false,
  },
})
