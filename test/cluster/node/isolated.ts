import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { installPrograms } from '../../image/debian.ts'
import { corednsBinary, kubernetesBinaries } from '../harness/binaries.ts'
import { nodeProblem } from './containerNode.ts'
import { buildImages } from './images.ts'

const root = resolve(import.meta.dirname, '../../..')
const CGROUPS = '/sys/fs/cgroup'

/**
 * Runs the suite in network, mount and PID namespaces of its own. Every process, mount, address and rule of the nodes ends with them; only cgroups and one
 * folder are left, and both are removed here. Builds, which need the network, run before. Returns the exit code.
 */
export async function runOnNodes(args: readonly string[]): Promise<number> {
  const programs = installPrograms(['buildah', 'runc', 'mmdebstrap', 'busybox', 'containerd', 'iptables', 'conntrack', 'bridge', 'ip'])
  const problem = programs?.missing ?? nodeProblem()
  if (problem !== undefined) return skipped(problem)
  const kubernetes = kubernetesBinaries(['kubelet', 'kube-proxy'])
  if ('missing' in kubernetes) return skipped(kubernetes.missing)
  const coredns = corednsBinary()
  if ('missing' in coredns) return skipped(coredns.missing)
  const folder = process.env['STRATA_CLUSTER_DIR'] ?? mkdtempSync(join(tmpdir(), 'strata-node-'))
  const cgroup = `strata-node-${process.pid}`
  try {
    const began = performance.now()
    const archives = await buildImages(join(coredns.bin, 'coredns'), join(folder, 'images'))
    process.stderr.write(`cluster: images built in ${Math.round((performance.now() - began) / 1_000)} s\n`)
    let worst = 0
    for (const suite of suitesOf(args)) {
      const code = await inNamespaces([suite, ...args.filter((one) => !isSuite(one))], {
        STRATA_NODE_FOLDER: join(folder, basename(suite, '.test.ts')),
        STRATA_NODE_CGROUP: cgroup,
        STRATA_NODE_BIN: kubernetes.bin,
        STRATA_NODE_ARCHIVES: archives.join(':'),
        STRATA_CLUSTER_KUBECTL: join(kubernetes.bin, 'kubectl'),
      })
      worst = Math.max(worst, code ?? 1)
      removeCgroups(cgroup)
      if (code === undefined) break
    }
    return worst
  } finally {
    removeCgroups(cgroup)
    if (process.env['STRATA_CLUSTER_DIR'] === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

const isSuite = (argument: string): boolean => argument.endsWith('.test.ts')

/** The named suites, else all. Each has a cluster of its own, because each installs the system as a reader of the docs does, and removes or breaks parts of it. */
function suitesOf(args: readonly string[]): string[] {
  const named = args.filter(isSuite)
  return named.length > 0
    ? named
    : readdirSync(import.meta.dirname)
        .filter(isSuite)
        .sort()
}

function skipped(missing: string): number {
  process.stderr.write(`test:cluster --node is skipped, so no pod ran as a container: ${missing}\n`)
  return 0
}

/** Folders that programs of a node write to at fixed paths. */
const hidden = ['/run', '/var/lib/cni', '/var/lib/kubelet', '/var/log']
/** Settings of the kernel that a kubelet changes for the whole machine; it gets files instead. */
const settings = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops', 'kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes']

/** Runs vitest in namespaces of its own. Returns its exit code; undefined when it was ended by a signal. */
function inNamespaces(args: readonly string[], env: Record<string, string>): Promise<number | undefined> {
  const script = [
    'set -e',
    'mount --make-rshared /',
    ...hidden.map((path) => `mkdir -p ${path} && mount -t tmpfs tmpfs ${path}`),
    'mkdir /run/settings',
    ...settings.map((path) =>
      [`cat /proc/sys/${path} > /run/settings/${path.replaceAll('/', '-')}`, `mount --bind /run/settings/${path.replaceAll('/', '-')} /proc/sys/${path}`].join(
        ' && ',
      ),
    ),
    'ip link set lo up',
    // This shell is the first process of the namespace, and reaps the shims of containers.
    '"$@"',
  ].join('\n')
  const vitest = [process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'test/cluster/node/vitest.config.ts', ...args]
  const unshare = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script, 'sh', ...vitest]
  const path = `${process.env['PATH']}:/usr/sbin:/sbin`
  const { KUBECONFIG: _, ...inherited } = process.env
  const child = spawn('unshare', unshare, { cwd: root, stdio: 'inherit', env: { ...inherited, ...env, PATH: path } })
  let stopped = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stopped = true
      child.kill(signal)
    })
  return new Promise((done, fail) => child.once('error', fail).once('exit', (code) => done(stopped ? undefined : (code ?? 1))))
}

/** Removes the cgroups of the nodes, the innermost first. All their processes have ended with the PID namespace. */
function removeCgroups(name: string): void {
  const remove = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) remove(join(path, entry.name))
    try {
      rmdirSync(path)
    } catch (error) {
      process.stderr.write(`cluster: ${path} is left: ${String(error)}; processes: ${readFileSync(join(path, 'cgroup.procs'), 'utf8').trim()}\n`)
    }
  }
  for (const hierarchy of readdirSync(CGROUPS)) {
    const path = join(CGROUPS, hierarchy, name)
    try {
      readdirSync(path)
    } catch {
      continue
    }
    remove(path)
  }
}
