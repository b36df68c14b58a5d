import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const modules = join(import.meta.dirname, '..', 'kube')
const commands = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const
const KUBERNETES = 'k8s.io/kubernetes'
const ETCD = 'go.etcd.io/etcd/server/v3'

/** For all of them, from nothing: README.md says how long it took. Go keeps what was compiled: the next run goes on from there. */
const BUILD_MINUTES = 25

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
  const minutes = Number(process.env['STRATA_CLUSTER_BUILD_MINUTES'] ?? BUILD_MINUTES)
  const until = performance.now() + minutes * 60_000
  process.stderr.write(`cluster: building ${missing.map(({ name }) => name).join(', ')} ${version} into ${bin}; once, for ${minutes} minutes at most\n`)
  for (const { name, folder, path } of missing) {
    const began = performance.now()
    // Two runs may build at the same time: each has a file of its own, and the last one to be ready is as good as the first.
    const part = join(bin, `${name}.${process.pid}.part`)
    // Without the version the binaries call themselves v0.0.0, and Agones takes the cluster for an ancient one.
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
    return `it took more than ${minutes} minutes (STRATA_CLUSTER_BUILD_MINUTES); the next run goes on from there`
  const said = 'stderr' in error ? String(error.stderr).trim() : ''
  return said === '' ? error.message : said.split('\n').slice(-3).join('; ')
}
