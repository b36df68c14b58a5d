import { defineConfig } from 'vitest/config'

/** `strata start` sets the variable for the processes that it starts. */
const matchmaker = process.env['STRATA_MATCHMAKER'] ?? 'http://127.0.0.1:7100'

export default defineConfig({
  // The page asks its own origin, and Vite passes that on: the browser needs no permission for a second origin.
  server: { host: '127.0.0.1', proxy: { '/v1': matchmaker } },
  build: { target: 'es2022' },
  test: { include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
})
