import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startCluster } from './cluster.ts'
import { kubernetesBinaries } from './harness/binaries.ts'

const root = resolve(import.meta.dirname, '../..')

/**
 * Vitest's global set-up: sets KUBECONFIG for all suites. A given KUBECONFIG is used unchanged. Otherwise a control plane runs as processes, with the real
 * Agones when AGONES_BIN and AGONES_INSTALL_YAML are set, else with the stand-in.
 */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env['KUBECONFIG'] !== undefined) return async () => undefined
  const found = kubernetesBinaries()
  if ('missing' in found) {
    process.stderr.write(`test:cluster is skipped: ${found.missing}\n`)
    process.exit(0)
  }
  const { AGONES_BIN: bin, AGONES_INSTALL_YAML: yaml, STRATA_CLUSTER_DIR: kept } = process.env
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'strata-cluster-')))
  const agones = bin === undefined || yaml === undefined ? undefined : { bin, yaml }
  const started = Date.now()
  const entrypoint = [process.execPath]
  const cluster = await startCluster({ bin: found.bin, folder, agones, nodes: ['node-1', 'node-2', 'node-3'], entrypoint, cwd: root })
  process.stderr.write(
    `cluster: ready in ${((Date.now() - started) / 1_000).toFixed(1)} s, ${agones === undefined ? 'stand-in for Agones' : 'real Agones'}, ${folder}\n`,
  )
  Object.assign(process.env, {
    KUBECONFIG: cluster.kubeconfig,
    STRATA_CLUSTER_CONTROL: cluster.control,
    STRATA_CLUSTER_PKI: cluster.pki,
    STRATA_CLUSTER_KUBECTL: join(found.bin, 'kubectl'),
  })
  return async () => {
    await cluster[Symbol.asyncDispose]()
    if (kept === undefined) await rm(folder, { recursive: true, force: true })
  }
}
