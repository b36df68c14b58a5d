import { defineConfig } from 'vitest/config'

/** The built site of docs/ in a browser, and the commands of the pages against a local world; see test/site/README.md. */
export default defineConfig({
  test: {
    include: ['test/site/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 240_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    fileParallelism: false,
    expect: { poll: { timeout: 30_000 } },
    retry: Number(process.env['TEST_RETRIES'] ?? 0),
  },
})
