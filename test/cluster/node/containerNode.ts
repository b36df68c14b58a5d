import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { CNI_BIN } from '../../image/debian.ts'
import type { Processes } from '../harness/processes.ts'
import { PAUSE_IMAGE } from './images.ts'
import { DNS_ADDRESS, nodeAddress, podBridge, writePodNetwork } from './network.ts'

const IMPORT_TIMEOUT_MS = 300_000
/** Hierarchies of cgroup v1; a kubelet wants its root in each of them. */
const CGROUPS = '/sys/fs/cgroup'
/** Weight of all pods against each process outside, which has 1,024. By default all pods together would get as much of the CPUs as one process of the tests. */
const POD_SHARES = 16 * 1_024

export interface NodeOptions {
  name: string
  index: number
  bin: string
  folder: string
  kubeconfig: string
  archives: readonly string[]
  processes: Processes
}

/** A node of the cluster: a containerd with storage of its own, and a kubelet. */
export class ContainerNode {
  readonly #options: NodeOptions
  readonly #folder: string
  readonly #socket: string

  constructor(options: NodeOptions) {
    this.#options = options
    this.#folder = join(options.folder, options.name)
    this.#socket = `/run/${options.name}/containerd.sock`
    mkdirSync(this.#folder, { recursive: true })
  }

  get name(): string {
    return this.#options.name
  }

  async start(): Promise<void> {
    const { processes, archives, name } = this.#options
    mkdirSync(`/run/${name}`, { recursive: true })
    this.#startContainerd()
    await processes.until(`containerd-${name}`, async () => (await this.#ctr('version')) !== '')
    for (const archive of archives) await this.load(archive)
    this.startKubelet()
  }

  #startContainerd(): void {
    const { processes, index, name } = this.#options
    const conf = writePodNetwork(this.#folder, index)
    const config = join(this.#folder, 'containerd.toml')
    writeFileSync(config, containerdConfig({ root: join(this.#folder, 'containerd'), state: `/run/${name}/state`, socket: this.#socket, conf }))
    processes.start(`containerd-${name}`, ['containerd', '--config', config])
  }

  /** Starts the kubelet, or starts it again after `stopKubelet`. */
  startKubelet(): void {
    const { processes, index, name, bin, kubeconfig } = this.#options
    const cgroup = `/${cgroupRoot()}/${name}`
    for (const hierarchy of hierarchies()) mkdirSync(join(CGROUPS, hierarchy, cgroup), { recursive: true })
    writeFileSync(join(CGROUPS, 'cpu', cgroupRoot(), 'cpu.shares'), String(POD_SHARES))
    // A cpuset without CPUs and memory takes no process.
    for (const path of [`/${cgroupRoot()}`, cgroup])
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        const parent = readFileSync(join(CGROUPS, 'cpuset', file), 'utf8').trim()
        writeFileSync(join(CGROUPS, 'cpuset', path, file), parent)
      }
    const config = join(this.#folder, 'kubelet.yaml')
    writeFileSync(join(this.#folder, 'resolv.conf'), '')
    writeFileSync(config, stringify(kubeletConfig(index, this.#folder, `unix://${this.#socket}`, cgroup)))
    const command = [join(bin, 'kubelet'), `--config=${config}`, `--kubeconfig=${kubeconfig}`, `--hostname-override=${name}`, `--node-ip=${nodeAddress(index)}`]
    const labels = `topology.kubernetes.io/zone=zone-${name}`
    processes.start(`kubelet-${name}`, [
      ...command,
      `--root-dir=${join(this.#folder, 'kubelet')}`,
      `--cert-dir=${join(this.#folder, 'certificates')}`,
      `--node-labels=${labels}`,
    ])
  }

  stopKubelet(): Promise<void> {
    return this.#options.processes.end(`kubelet-${this.name}`, 'SIGKILL')
  }

  /** Runs a command in the namespace of the kubelet's containers. Returns its stdout. */
  async #ctr(...args: string[]): Promise<string> {
    const options = { timeout: IMPORT_TIMEOUT_MS, maxBuffer: 1 << 26 }
    return (await promisify(execFile)('ctr', ['--address', this.#socket, '--namespace', 'k8s.io', ...args], options)).stdout
  }

  /** The process ids of all containers, sandboxes included. */
  async #pids(): Promise<number[]> {
    const lines = (await this.#ctr('tasks', 'list')).trim().split('\n').slice(1)
    return lines.map((line) => Number(line.split(/\s+/)[1])).filter((pid) => pid > 0)
  }

  /** Loses the node as at a power cut: its network, kubelet, containerd and every process of its containers. No connection is closed. */
  async lose(): Promise<void> {
    const { processes } = this.#options
    const pids = await this.#pids()
    execFileSync('ip', ['link', 'set', podBridge(this.#options.index), 'down'], { stdio: 'pipe' })
    await this.stopKubelet()
    await processes.end(`containerd-${this.name}`, 'SIGKILL')
    for (const pid of pids)
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended already.
      }
  }

  /** The lost node starts again, with nothing that ran on it. */
  async restore(): Promise<void> {
    execFileSync('ip', ['link', 'set', podBridge(this.#options.index), 'up'], { stdio: 'pipe' })
    this.#startContainerd()
    await this.#options.processes.until(`containerd-${this.name}`, async () => (await this.#ctr('version')) !== '')
    this.startKubelet()
  }

  /** Imports an archive of images, so that pods can run them. */
  async load(archive: string): Promise<void> {
    await this.#ctr('images', 'import', '--all-platforms', archive)
  }

  /** Removes an image by its full name. */
  async forget(image: string): Promise<void> {
    await this.#ctr('images', 'remove', '--sync', image)
  }

  /** Process id of a container, by the id in its pod's status. */
  async pidOf(container: string): Promise<number> {
    const line = (await this.#ctr('tasks', 'list')).split('\n').find((text) => text.startsWith(container))
    const pid = Number(line?.split(/\s+/)[1])
    if (!Number.isInteger(pid) || pid <= 0) throw new Error(`${this.name} runs no container ${container}`)
    return pid
  }
}

/** Cgroup of all nodes of this test run; the parent process removes it. */
export const cgroupRoot = (): string => process.env['STRATA_NODE_CGROUP'] ?? 'strata-node'
const hierarchies = (): string[] => readdirSync(CGROUPS).filter((name) => name !== 'unified')

function containerdConfig({ root, state, socket, conf }: { root: string; state: string; socket: string; conf: string }): string {
  return `version = 2
root = "${root}"
state = "${state}"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
path = "${root}/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE_IMAGE}"
# A negative OOM score needs CAP_SYS_RESOURCE.
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${CNI_BIN}"
conf_dir = "${conf}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
`
}

const KUBELET_PORT = 10_250

function kubeletConfig(index: number, folder: string, runtime: string, cgroup: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: nodeAddress(index),
    port: KUBELET_PORT,
    readOnlyPort: 0,
    healthzPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: runtime,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    cgroupsPerQOS: true,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    failSwapOn: false,
    clusterDNS: [DNS_ADDRESS],
    clusterDomain: 'cluster.local',
    resolvConf: join(folder, 'resolv.conf'),
    volumePluginDir: join(folder, 'plugins'),
    podLogsDir: join(folder, 'pods'),
    // The machine's disk is shared with other work.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%', 'nodefs.inodesFree': '1%' },
    imageGCHighThresholdPercent: 100,
    // Lost nodes are noticed as in a cluster: a heartbeat every 10 s.
    nodeStatusUpdateFrequency: '10s',
    serializeImagePulls: false,
  }
}

/** Kernel features that a node needs and that this machine may lack. Returns a sentence about the first one that is missing. */
export function nodeProblem(): string | undefined {
  try {
    execFileSync(
      'unshare',
      [
        '--net',
        'sh',
        '-c',
        'ip link set lo up && ip link add b0 type bridge && iptables -t nat -A POSTROUTING -m conntrack --ctstate NEW -m statistic --mode random --probability 0.5 -j MASQUERADE',
      ],
      { stdio: 'pipe' },
    )
  } catch {
    return 'this machine has no network namespaces with bridges and iptables'
  }
  if (!readdirSync(CGROUPS).includes('memory')) return 'the nodes need cgroup v1'
  return undefined
}
