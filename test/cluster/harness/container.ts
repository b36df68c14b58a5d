import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Container, V1ContainerStatus, V1Probe } from '@kubernetes/client-node'
import { backoffMs } from '../../../model/retry/backoff.ts'
import { launch, signalGroup } from './processes.ts'

export type Role = 'main' | 'init' | 'sidecar'

export interface ContainerOptions {
  spec: V1Container
  role: Role
  restart: 'Always' | 'OnFailure' | 'Never'
  command: readonly string[]
  env: Record<string, string>
  log: string
  cwd: string
  /** The port of this machine for a port of the manifest. */
  portOf(port: number): number
  changed(): void
}

/** Pauses between restarts in ms; like a kubelet's, but they begin at 1 s in place of 10 s, so that tests do not wait for them. */
const restartTimes = { firstMs: 1_000, maxMs: 30_000 }
const stamp = (): string => `${new Date().toISOString().slice(0, 19)}Z`

/** One container as a process: restarts, probes, and the status that a kubelet reports. */
export class Container {
  readonly role: Role
  /** Resolves with the last exit code when the container has ended and will not restart. */
  readonly done: Promise<number>
  readonly #options: ContainerOptions
  readonly #finish: (code: number) => void
  #child: ChildProcess | undefined
  #startedAt = ''
  #finishedAt = ''
  #exitCode: number | undefined
  #restarts = 0
  #ready = false
  #started = false
  #ending = false
  /** Ends the pauses of restarts and probes: a timer of 30 s would keep the test process alive for as long. */
  readonly #stop = new AbortController()

  constructor(options: ContainerOptions) {
    this.#options = options
    this.role = options.role
    const { promise, resolve } = Promise.withResolvers<number>()
    this.done = promise
    this.#finish = resolve
  }

  get name(): string {
    return this.#options.spec.name
  }
  get running(): boolean {
    return this.#child !== undefined
  }
  get ready(): boolean {
    return this.running && this.#ready
  }

  start(): void {
    const { command, env, log, cwd, spec, changed } = this.#options
    const child = launch({ command, log, cwd, env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env } })
    this.#child = child
    this.#startedAt = stamp()
    this.#exitCode = undefined
    this.#started = spec.startupProbe === undefined
    this.#ready = this.#started && spec.readinessProbe === undefined
    const end = (code: number): void => {
      if (this.#child === child) void this.#ended(code)
    }
    child.once('error', () => end(127)).once('exit', (code, signal) => end(code ?? (signal === 'SIGKILL' ? 137 : 143)))
    void this.#probe(child)
    changed()
  }

  async #ended(code: number): Promise<void> {
    this.#child = undefined
    this.#exitCode = code
    this.#finishedAt = stamp()
    this.#ready = false
    this.#options.changed()
    const { restart } = this.#options
    if (this.#ending || restart === 'Never' || (restart === 'OnFailure' && code === 0)) return this.#finish(code)
    await this.#pause(backoffMs(restartTimes, this.#restarts + 1))
    if (this.#ending) return this.#finish(code)
    this.#restarts++
    this.start()
  }

  /** Ends the container: the preStop pause, SIGTERM, and SIGKILL after the grace time. */
  async end(graceMs: number): Promise<void> {
    this.#stopRestarts()
    if (this.#child === undefined) return this.#finish(this.#exitCode ?? 0)
    const force = setTimeout(() => this.#signal('SIGKILL'), graceMs)
    const pause = this.#options.spec.lifecycle?.preStop?.sleep?.seconds ?? 0
    const ended = new AbortController()
    void this.done.then(() => ended.abort())
    if (pause > 0) await sleep(Math.min(pause * 1_000, graceMs), undefined, { signal: ended.signal }).catch(() => undefined)
    this.#signal('SIGTERM')
    await this.done
    clearTimeout(force)
  }

  /** Ends the container at once. It does not start again, whatever its restart policy: its pod is gone. */
  kill(): void {
    this.#stopRestarts()
    if (this.#child === undefined) this.#finish(this.#exitCode ?? 0)
    this.#signal('SIGKILL')
  }

  #stopRestarts(): void {
    this.#ending = true
    this.#stop.abort()
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child !== undefined) signalGroup(this.#child, signal)
  }

  /** Returns early when the container is ended. */
  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  async #probe(child: ChildProcess): Promise<void> {
    const { startupProbe, livenessProbe, readinessProbe } = this.#options.spec
    const alive = (): boolean => this.#child === child && !this.#ending
    const kill = (): true => {
      if (alive()) signalGroup(child, 'SIGKILL')
      return true
    }
    if (startupProbe !== undefined) {
      await this.#loop(startupProbe, alive, (passed) => {
        if (!passed) kill()
        this.#started = passed
        this.#ready = passed && readinessProbe === undefined
        this.#options.changed()
        return true
      })
    }
    if (livenessProbe !== undefined) void this.#loop(livenessProbe, alive, (passed) => !passed && kill())
    if (readinessProbe === undefined) return
    await this.#loop(readinessProbe, alive, (passed) => {
      if (this.#ready !== passed) {
        this.#ready = passed
        this.#options.changed()
      }
      return false
    })
  }

  /** Runs a probe periodically and reports each reached threshold, until `verdict` returns true. */
  async #loop(probe: V1Probe, alive: () => boolean, verdict: (passed: boolean) => boolean): Promise<void> {
    await this.#pause((probe.initialDelaySeconds ?? 0) * 1_000)
    for (let good = 0, bad = 0; alive(); await this.#pause((probe.periodSeconds ?? 10) * 1_000)) {
      const passed = await this.#runProbe(probe)
      good = passed ? good + 1 : 0
      bad = passed ? 0 : bad + 1
      if (!alive()) return
      if (good >= (probe.successThreshold ?? 1) && verdict(true)) return
      if (bad >= (probe.failureThreshold ?? 3) && verdict(false)) return
    }
  }

  async #runProbe({ httpGet, timeoutSeconds = 1 }: V1Probe): Promise<boolean> {
    if (httpGet === undefined) return true
    const wanted = typeof httpGet.port === 'number' ? httpGet.port : this.#options.spec.ports?.find(({ name }) => name === httpGet.port)?.containerPort
    try {
      const url = `http://127.0.0.1:${this.#options.portOf(wanted ?? 0)}${httpGet.path ?? '/'}`
      const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutSeconds * 1_000) })
      await answer.body?.cancel()
      return answer.status < 400
    } catch {
      return false
    }
  }

  status(): V1ContainerStatus {
    const { spec } = this.#options
    const common = {
      name: spec.name,
      image: spec.image ?? '',
      imageID: '',
      ready: this.ready,
      started: this.running && this.#started,
      restartCount: this.#restarts,
    }
    // The API expects text where the generated types have Date.
    if (this.running) return { ...common, containerID: `process://${this.#child?.pid}`, state: { running: { startedAt: this.#startedAt as unknown as Date } } }
    if (this.#exitCode === undefined) return { ...common, state: { waiting: { reason: 'ContainerCreating' } } }
    const reason = this.#exitCode === 0 ? 'Completed' : 'Error'
    const terminated = { exitCode: this.#exitCode, reason, startedAt: this.#startedAt as unknown as Date, finishedAt: this.#finishedAt as unknown as Date }
    return { ...common, containerID: 'process://0', state: { terminated } }
  }
}
