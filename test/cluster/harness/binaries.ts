import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const modules = join(import.meta.dirname, '..', 'kube')
const commands = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const
const KUBERNETES = 'k8s.io/kubernetes'
const ETCD = 'go.etcd.io/etcd/server/v3'

/**
 * The folder with Kubernetes' commands and etcd: KUBE_BIN, or built from their Go modules, once, into a cache outside the
 * checkout. A sentence that says what is missing, where that cannot be.
 */
export function kubernetesBinaries(): { bin: string } | { missing: string } {
  const given = process.env['KUBE_BIN']
  if (given !== undefined) {
    const lacking = ['etcd', ...commands].filter((name) => !existsSync(join(given, name)))
    return lacking.length === 0 ? { bin: given } : { missing: `KUBE_BIN (${given}) lacks ${lacking.join(', ')}` }
  }
  const version = /^require k8s\.io\/kubernetes (\S+)$/m.exec(readFileSync(join(modules, 'go.mod'), 'utf8'))?.[1] ?? 'unknown'
  const bin = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'strata', `kubernetes-${version}`)
  const wanted = [
    ...commands.map((name) => ({ name, folder: modules, path: `${KUBERNETES}/cmd/${name}` })),
    { name: 'etcd', folder: join(modules, 'etcd'), path: ETCD },
  ]
  const missing = wanted.filter(({ name }) => !existsSync(join(bin, name)))
  if (missing.length === 0) return { bin }
  if (spawnSync('go', ['version']).status !== 0)
    return { missing: 'neither KUBE_BIN is set, nor is there a Go to build kube-apiserver with (Go 1.26 or later)' }
  mkdirSync(bin, { recursive: true })
  process.stderr.write(`cluster: building ${missing.map(({ name }) => name).join(', ')} ${version} into ${bin}; once, some minutes\n`)
  for (const { name, folder, path } of missing) {
    // Without the version the binaries call themselves v0.0.0, and Agones takes the cluster for an ancient one.
    const flags = ['-mod=readonly', '-trimpath', '-ldflags', `-s -w -X k8s.io/component-base/version.gitVersion=${version}`]
    try {
      execFileSync('go', ['build', ...flags, '-o', join(bin, `${name}.part`), path], { cwd: folder, env: { ...process.env, CGO_ENABLED: '0' }, stdio: 'pipe' })
    } catch (error) {
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
      return { missing: `${name} could not be built: ${said.trim().split('\n').slice(-3).join('; ')}` }
    }
    renameSync(join(bin, `${name}.part`), join(bin, name))
  }
  return { bin }
}
