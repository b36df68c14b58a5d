import { defineConfig } from 'vitest/config'

/** Installs the packed packages with npm, as a studio does; see README.md. */
export default defineConfig({
  test: {
    include: ['test/packages/**/*.test.ts'],
    globalSetup: ['test/packages/setup.ts'],
    pool: 'forks',
    testTimeout: 400_000,
    hookTimeout: 400_000,
    teardownTimeout: 30_000,
    fileParallelism: false,
  },
})
