import { defineConfig } from 'vitest/config'

/** One cluster, PostgreSQL and Redis for all suites, which run one after the other; see test/cluster/README.md. */
export default defineConfig({
  test: {
    include: ['test/cluster/*.test.ts'],
    globalSetup: ['test/cluster/setup.ts', 'test/services.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    fileParallelism: false,
    retry: Number(process.env['TEST_RETRIES'] ?? 0),
  },
})
