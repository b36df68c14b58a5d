import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../local/agones/freePorts.ts'
import { Child } from '../../local/child.ts'
import type { Logger } from '../../service/log.ts'
import { startTcpProxy, type TcpProxy } from '../tcpProxy.ts'

/** Longest time for a new replica to become ready, in ms. */
const READY_MS = 20_000
/** Pause between two looks, in ms. */
const POLL_MS = 100
const HOST = '127.0.0.1'

export interface DeploymentOptions {
  /** Script of the process without extension, such as `matchmaker/main`. */
  script: string
  replicas: number
  env: Record<string, string>
  /** Folder of the logs. */
  logs: string
  log: Logger
}

interface Replica {
  url: string
  child: Child
}

/** The replicas of a process behind one address, which a roll-out replaces one by one, as a Deployment and its Service do. */
export class Deployment implements AsyncDisposable {
  readonly #options: DeploymentOptions
  readonly #service: TcpProxy
  #replicas: Replica[] = []
  #started = 0

  private constructor(options: DeploymentOptions, service: TcpProxy) {
    this.#options = options
    this.#service = service
  }

  /** Starts all replicas from the code in `root`. */
  static async start(options: DeploymentOptions, root: string): Promise<Deployment> {
    await using starting = new AsyncDisposableStack()
    const service = starting.use(await startTcpProxy(`http://${HOST}:1`))
    const deployment = starting.use(new Deployment(options, service))
    for (let index = 0; index < options.replicas; index++) deployment.#replicas.push(await deployment.#startReplica(root))
    deployment.#serve()
    starting.move()
    return deployment
  }

  /** The address in front of all replicas. */
  get url(): string {
    return this.#service.url.replace(/\/$/, '')
  }

  /** How often a replica ended by itself. */
  get restarts(): number {
    return this.#replicas.reduce((sum, { child }) => sum + child.restarts, 0)
  }

  /**
   * Replaces each replica by one from the code in `root`. `between` runs while the first new one is there beside the old ones. Throws when a new one does not
   * become ready; the old ones that are left then go on.
   */
  async roll(root: string, between: () => Promise<void> = async () => {}): Promise<void> {
    const olds = this.#replicas
    for (const [index, old] of olds.entries()) {
      const replica = await this.#startReplica(root)
      this.#replicas = [...this.#replicas.filter((one) => one !== old), replica]
      this.#serve()
      await old.child[Symbol.asyncDispose]()
      if (index === 0) await between()
    }
  }

  #serve(): void {
    this.#service.leadTo(...this.#replicas.map(({ url }) => url))
  }

  async #startReplica(root: string): Promise<Replica> {
    const { script, env, logs, log } = this.#options
    const port = await freePort(HOST)
    const name = `${script.split('/')[0]}-${++this.#started}`
    const file = join(root, `${script}.ts`)
    const child = new Child({ name, command: [file], root, env: { ...env, PORT: String(port) }, logFile: join(logs, `${name}.log`), log })
    const url = `http://${HOST}:${port}`
    for (const deadline = performance.now() + READY_MS; ; await pause(POLL_MS)) {
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
      if (answer?.ok === true) return { url, child }
      if (performance.now() < deadline) continue
      await child[Symbol.asyncDispose]()
      throw new NotReady(`${name} was not ready within ${READY_MS / 1_000} s`, join(logs, `${name}.log`))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#replicas.map(({ child }) => child[Symbol.asyncDispose]()))
    await this.#service[Symbol.asyncDispose]()
  }
}

/** A replica did not become ready. */
export class NotReady extends Error {
  readonly logFile: string
  constructor(message: string, logFile: string) {
    super(message)
    this.logFile = logFile
  }
}
