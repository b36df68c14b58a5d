import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // The suites that need a cluster, a browser or a long time have their own configurations.
    exclude: [
      '**/node_modules/**',
      '.strata/**',
      'test/cluster/**',
      'test/browser/**',
      'test/monitoring/**',
      'test/image/**',
      'packages/create-strata/template/**',
      'test/packages/**',
      'test/python/**',
      'test/site/**',
      'test/upgrade/**',
      'test/restore/**',
    ],
    globalSetup: ['test/services.ts'],
    setupFiles: ['test/fastCheckSeed.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    // A condition that a test waits for may need long on a busy machine; a test that passes does not wait for it.
    expect: { poll: { timeout: 20_000 } },
    // CI machines differ in speed: there a failed test runs once more, and the output names it with "retry x1".
    retry: Number(process.env.TEST_RETRIES ?? 0),
  },
})
