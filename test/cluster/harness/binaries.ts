import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const modules = join(import.meta.dirname, '..', 'kube')
const commands = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const
const KUBERNETES = 'k8s.io/kubernetes'
const ETCD = 'go.etcd.io/etcd/server/v3'

/**
 * Time limit for building all binaries, in minutes; README.md has measured times. Go caches compiled packages, so that an aborted build continues in the next
 * run.
 */
const BUILD_MINUTES = 25

/**
 * Returns the folder with Kubernetes' commands and etcd: KUBE_BIN, or a cache outside the checkout into which they are built once from their Go modules.
 * Returns a sentence about what is missing when there is none.
 */
export function kubernetesBinaries(): { bin: string } | { missing: string } {
  const given = process.env['KUBE_BIN']
  if (given !== undefined) {
    const absent = ['etcd', ...commands].filter((name) => !existsSync(join(given, name)))
    return absent.length === 0 ? { bin: given } : { missing: `KUBE_BIN (${given}) lacks ${absent.join(', ')}` }
  }
  const version = /^require k8s\.io\/kubernetes (\S+)$/m.exec(readFileSync(join(modules, 'go.mod'), 'utf8'))?.[1] ?? 'unknown'
  const bin = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'strata', `kubernetes-${version}`)
  const wanted = [
    ...commands.map((name) => ({ name, folder: modules, path: `${KUBERNETES}/cmd/${name}` })),
    { name: 'etcd', folder: join(modules, 'etcd'), path: ETCD },
  ]
  const missing = wanted.filter(({ name }) => !existsSync(join(bin, name)))
  if (missing.length === 0) return { bin }
  if (spawnSync('go', ['version']).status !== 0) return { missing: 'set KUBE_BIN, or install Go 1.26 or later to build kube-apiserver' }
  mkdirSync(bin, { recursive: true })
  const minutes = Number(process.env['STRATA_CLUSTER_BUILD_MINUTES'] ?? BUILD_MINUTES)
  const until = performance.now() + minutes * 60_000
  process.stderr.write(`cluster: building ${missing.map(({ name }) => name).join(', ')} ${version} into ${bin} (only once, at most ${minutes} minutes)\n`)
  for (const { name, folder, path } of missing) {
    const began = performance.now()
    // Two runs may build at the same time. Each writes its own file, and the last rename wins.
    const part = join(bin, `${name}.${process.pid}.part`)
    // Without the version the binaries report v0.0.0, and Agones refuses the cluster as too old.
    const flags = ['-mod=readonly', '-trimpath', '-ldflags', `-s -w -X k8s.io/component-base/version.gitVersion=${version}`]
    const options = { cwd: folder, env: { ...process.env, CGO_ENABLED: '0' }, stdio: 'pipe', timeout: Math.max(1, Math.ceil(until - began)) } as const
    try {
      execFileSync('go', ['build', ...flags, '-o', part, path], options)
    } catch (error) {
      rmSync(part, { force: true })
      return { missing: `${name} could not be built: ${problemOf(error, minutes)}` }
    }
    process.stderr.write(`cluster: ${name} built in ${Math.round((performance.now() - began) / 1_000)} s\n`)
    renameSync(part, join(bin, name))
  }
  return { bin }
}

function problemOf(error: unknown, minutes: number): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'ETIMEDOUT')
    return `it took more than ${minutes} minutes (STRATA_CLUSTER_BUILD_MINUTES); the next run continues from there`
  const stderr = 'stderr' in error ? String(error.stderr).trim() : ''
  return stderr === '' ? error.message : stderr.split('\n').slice(-3).join('; ')
}
