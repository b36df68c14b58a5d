import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const modules = join(import.meta.dirname, '..', 'kube')
const commands = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const
const KUBERNETES = 'k8s.io/kubernetes'
const ETCD = 'go.etcd.io/etcd/server/v3'
const COREDNS = 'github.com/coredns/coredns'
const HELM = 'helm.sh/helm/v3'
const CERT_MANAGER = 'github.com/cert-manager/cert-manager'

/**
 * Time limit for building all binaries, in minutes; README.md has measured times. Go caches compiled packages, so that an aborted build continues in the next
 * run.
 */
const BUILD_MINUTES = 25

/** A command of a Go module in `kube/`. */
interface GoCommand {
  name: string
  folder: string
  path: string
}

const etcd: GoCommand = { name: 'etcd', folder: join(modules, 'etcd'), path: ETCD }
const kubernetes = (name: string): GoCommand => ({ name, folder: modules, path: `${KUBERNETES}/cmd/${name}` })

/**
 * Returns the folder with Kubernetes' commands and etcd: KUBE_BIN, or a cache outside the checkout into which they are built once from their Go modules.
 * Returns a sentence about what is missing when there is none. `more` are commands that only some suites need, such as the kubelet.
 */
export function kubernetesBinaries(more: readonly string[] = []): { bin: string } | { missing: string } {
  const names = [...commands, ...more]
  const given = process.env['KUBE_BIN']
  if (given !== undefined) {
    const absent = ['etcd', ...names].filter((name) => !existsSync(join(given, name)))
    return absent.length === 0 ? { bin: given } : { missing: `KUBE_BIN (${given}) lacks ${absent.join(', ')}` }
  }
  const version = versionIn(modules, KUBERNETES)
  // Without the version the binaries report v0.0.0, and Agones refuses the cluster as too old.
  return built(`kubernetes-${version}`, [...names.map(kubernetes), etcd], `-X k8s.io/component-base/version.gitVersion=${version}`)
}

/** The cluster's DNS server, built once from its Go module. */
export function corednsBinary(): { bin: string } | { missing: string } {
  const folder = join(modules, 'coredns')
  return built(`coredns-${versionIn(folder, COREDNS)}`, [{ name: 'coredns', folder, path: '.' }])
}

/** Helm: HELM_BIN, or built once from its Go module. */
export function helmBinary(): { bin: string } | { missing: string } {
  const given = process.env['HELM_BIN']
  if (given !== undefined) return existsSync(join(given, 'helm')) ? { bin: given } : { missing: `HELM_BIN (${given}) lacks helm` }
  const folder = join(modules, 'helm')
  return builtBefore(`helm-${versionIn(folder, HELM)}`, { name: 'helm', folder, path: `${HELM}/cmd/helm` })
}

/** The controllers of cert-manager that the tests need, built once from its Go module, and the folder with its CRDs. */
export function certManagerBinary(): { bin: string; crds: string } | { missing: string } {
  const folder = join(modules, 'certmanager')
  const found = builtBefore(`certmanager-${versionIn(folder, CERT_MANAGER)}`, { name: 'certmanager', folder, path: '.' })
  if ('missing' in found) return found
  const { stdout, status } = spawnSync('go', ['list', '-mod=mod', '-m', '-f', '{{.Dir}}', CERT_MANAGER], { cwd: folder, encoding: 'utf8' })
  const source = stdout?.trim() ?? ''
  return status === 0 && source !== '' ? { ...found, crds: join(source, 'deploy/crds') } : { missing: `Go does not find the sources of ${CERT_MANAGER}` }
}

/** A pipeline has a time limit, and a first build takes minutes: with CI set, this builds nothing. */
function builtBefore(folder: string, command: GoCommand): { bin: string } | { missing: string } {
  if (process.env['CI'] !== undefined && !existsSync(join(cached(folder), command.name)))
    return { missing: `${command.name} is not built yet: run this suite once without CI` }
  return built(folder, [command])
}

function versionIn(folder: string, module: string): string {
  const line = readFileSync(join(folder, 'go.mod'), 'utf8')
    .split('\n')
    .find((text) => text.includes(`${module} v`))
  return line?.split(' ').at(-1) ?? 'unknown'
}

const cached = (name: string): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'strata', name)

function built(name: string, wanted: readonly GoCommand[], linked = ''): { bin: string } | { missing: string } {
  const bin = cached(name)
  const missing = wanted.filter((command) => !existsSync(join(bin, command.name)))
  if (missing.length === 0) return { bin }
  if (spawnSync('go', ['version']).status !== 0)
    return { missing: `install Go 1.26 or later to build ${missing.map((one) => one.name).join(', ')}, or set KUBE_BIN` }
  mkdirSync(bin, { recursive: true })
  const minutes = Number(process.env['STRATA_CLUSTER_BUILD_MINUTES'] ?? BUILD_MINUTES)
  const until = performance.now() + minutes * 60_000
  process.stderr.write(`cluster: building ${missing.map((one) => one.name).join(', ')} into ${bin} (only once, at most ${minutes} minutes)\n`)
  for (const { name: command, folder, path } of missing) {
    const began = performance.now()
    // Two runs may build at the same time. Each writes its own file, and the last rename wins.
    const part = join(bin, `${command}.${process.pid}.part`)
    const flags = ['-mod=readonly', '-trimpath', '-ldflags', `-s -w ${linked}`]
    const options = { cwd: folder, env: { ...process.env, CGO_ENABLED: '0' }, stdio: 'pipe', timeout: Math.max(1, Math.ceil(until - began)) } as const
    try {
      execFileSync('go', ['build', ...flags, '-o', part, path], options)
    } catch (error) {
      rmSync(part, { force: true })
      return { missing: `${command} could not be built: ${problemOf(error, minutes)}` }
    }
    process.stderr.write(`cluster: ${command} built in ${Math.round((performance.now() - began) / 1_000)} s\n`)
    renameSync(part, join(bin, command))
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
