import { defineConfig } from 'vitest/config'

/** Restores PostgreSQL from a backup while people play; see test/restore/README.md. */
export default defineConfig({
  test: {
    include: ['test/restore/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 400_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    retry: Number(process.env.TEST_RETRIES ?? 0),
  },
})
