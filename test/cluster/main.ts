import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'

/** `npm run test:cluster`: the suites with pods as processes. With `--node`: the suite whose pods are containers on nodes with kubelets (`node/`). */
const root = resolve(import.meta.dirname, '../..')
const args = process.argv.slice(2)
const onNodes = args.includes('--node')
if (onNodes) {
  const { runOnNodes } = await import('./node/isolated.ts')
  process.exitCode = await runOnNodes(args.filter((one) => one !== '--node'))
} else {
  const command = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'test/cluster/vitest.config.ts', ...args]
  process.exitCode = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1
}
