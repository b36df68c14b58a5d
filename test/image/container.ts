import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ContainerOptions {
  /** The image's files. */
  root: string
  args: readonly string[]
  env: Record<string, string>
  /** Files and folders of this machine by their path in the container, read-only. `/etc/hosts` is there without it. */
  mounts?: Record<string, string>
  /** Id of the process's user and group. */
  user?: number
}

/** The entry point of the image. */
export const ENTRYPOINT = ['/usr/local/bin/node', '--import', '/strata/service/compiled/preload.mjs']
const USER = 65_532
const masked = ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware']
const none = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] }

/** What a kubelet makes of the manifests in k8s/: read-only root, no capability, no new privileges, an unprivileged user. The network is this machine's. */
function specOf({ root, args, env, mounts = {}, user = USER }: ContainerOptions, cgroup: string): object {
  const bind = (source: string, destination: string) => ({ destination, source, type: 'bind', options: ['rbind', 'ro'] })
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: user, gid: user },
      args: [...ENTRYPOINT, ...args],
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd: '/strata',
      capabilities: none,
      noNewPrivileges: true,
    },
    root: { path: root, readonly: true },
    hostname: 'strata',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
      { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
      ...Object.entries(mounts).map(([destination, source]) => bind(source, destination)),
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })), maskedPaths: masked, cgroupsPath: cgroup },
  }
}

/** One container, run by runc; its process is the first of its PID namespace. */
export class ImageContainer implements AsyncDisposable {
  readonly #id = `strata-${randomUUID()}`
  readonly #bundle = mkdtempSync(join(tmpdir(), 'strata-bundle-'))
  readonly #child: ChildProcess
  readonly #exit = Promise.withResolvers<number>()
  #output = ''

  constructor(options: ContainerOptions) {
    const hosts = join(this.#bundle, 'hosts')
    writeFileSync(hosts, '127.0.0.1 localhost\n')
    const mounts = { '/etc/hosts': hosts, ...options.mounts }
    writeFileSync(join(this.#bundle, 'config.json'), JSON.stringify(specOf({ ...options, mounts }, `/${this.#id}`)))
    this.#child = spawn('runc', [...this.#global, 'run', '--bundle', this.#bundle, this.#id], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (data: Buffer) => this.#append(data))
    this.#child.once('error', this.#exit.reject).once('close', (code) => this.#exit.resolve(code ?? -1))
  }

  #append(data: Buffer): void {
    this.#output += data.toString()
  }
  get #global(): string[] {
    return ['--root', join(this.#bundle, 'state')]
  }
  get output(): string {
    return this.#output
  }
  /** Exit code of the container's process. */
  get exited(): Promise<number> {
    return this.#exit.promise
  }
  signal(name: 'TERM' | 'KILL'): void {
    execFileSync('runc', [...this.#global, 'kill', this.#id, name], { stdio: 'pipe' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.signal('KILL')
    } catch {
      // It has ended already.
    }
    await this.exited
    rmSync(this.#bundle, { recursive: true, force: true })
  }
}
