import { defineConfig } from 'vitest/config'

/** Upgrades a world from the previous release, and rolls it back, while people play; see test/upgrade/README.md. */
export default defineConfig({
  test: {
    include: ['test/upgrade/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 600_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    retry: Number(process.env.TEST_RETRIES ?? 0),
  },
})
