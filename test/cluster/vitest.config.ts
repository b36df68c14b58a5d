import { defineConfig } from 'vitest/config'

/** Needs KUBECONFIG: see test/cluster/README.md. */
export default defineConfig({ test: { include: ['test/cluster/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } })
