import { defineConfig } from 'vitest/config'

/** The Python client, alone and over a whole system; see README.md. */
export default defineConfig({
  test: {
    include: ['test/python/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 240_000,
    hookTimeout: 240_000,
    teardownTimeout: 60_000,
    fileParallelism: false,
  },
})
