import { join } from 'node:path'
import type { V1Container, V1Pod, V1PodStatus } from '@kubernetes/client-node'
import { type Api, ApiError } from './api.ts'
import { Container, type Role } from './container.ts'
import { prepareContainer } from './podEnvironment.ts'

/** The Agones SDK of one game server's pod. */
export interface PodSdk extends AsyncDisposable {
  grpc: number
  http: number
  health: number
  /** The command of the SDK's sidecar container; undefined when the SDK is no container. */
  command?: (kubeconfig: string) => readonly string[]
}

export interface PodContext {
  api: Api
  /** Folder for logs and mounted files. */
  folder: string
  /** The command of a container that has none. */
  entrypoint: readonly string[]
  cwd: string
  kubeconfigOf(namespace: string, account: string): Promise<string>
  /** The SDK of a game server's pod; undefined for other pods. */
  sdkOf(pod: V1Pod): Promise<PodSdk | undefined>
}

const SIDECAR = 'agones-gameserver-sidecar'
/** Port of the SDK's health endpoint in a pod that has its own network. */
const SDK_HEALTH_PORT = 8080
/** Pod annotation: the port of this machine for each port of the manifest. */
export const PORTS_ANNOTATION = 'strata.test/ports'
const SIDECAR_GRACE_MS = 2_000

/** One pod: runs its containers as processes, from the first init container until it is reported deleted. */
export class Pod {
  readonly #pod: V1Pod
  readonly #context: PodContext
  readonly #path: string
  readonly #containers: Container[] = []
  readonly #since = new Map<string, { status: string; at: string }>()
  readonly #startTime = new Date().toISOString()
  #phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' = 'Pending'
  #message: string | undefined
  #sdk: PodSdk | undefined
  #ending = false
  #gone = false
  #dirty = false
  #reporting: Promise<void> | undefined

  constructor(pod: V1Pod, context: PodContext) {
    this.#pod = pod
    this.#context = context
    this.#path = `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}`
  }

  async start(): Promise<void> {
    const { initContainers = [], containers = [], restartPolicy } = this.#pod.spec ?? {}
    const restart = restartPolicy as 'Always' | 'OnFailure' | 'Never' | undefined // Kubernetes allows these three
    try {
      this.#sdk = await this.#context.sdkOf(this.#pod)
      for (const spec of initContainers) {
        const sidecar = spec.restartPolicy === 'Always'
        const container = await this.#prepare(spec, sidecar ? 'sidecar' : 'init', sidecar ? 'Always' : 'Never')
        this.#launch(container)
        if (!sidecar && (await container.done) !== 0) throw new Error(`init container ${spec.name} failed`)
      }
      const prepared: Container[] = []
      for (const spec of containers) prepared.push(await this.#prepare(spec, spec.name === SIDECAR ? 'sidecar' : 'main', restart ?? 'Always'))
      this.#phase = 'Running'
      for (const container of prepared) this.#launch(container)
      const codes = await Promise.all(prepared.filter(({ role }) => role === 'main').map(({ done }) => done))
      if (!this.#ending) await this.#finish(codes.every((code) => code === 0) ? 'Succeeded' : 'Failed')
    } catch (error) {
      this.#message = error instanceof Error ? error.message : String(error)
      if (!this.#ending) await this.#finish('Failed')
    }
  }

  async #prepare(spec: V1Container, role: Role, restart: 'Always' | 'OnFailure' | 'Never'): Promise<Container> {
    const { metadata: { namespace = '', name, uid = '', annotations } = {}, spec: podSpec } = this.#pod
    const { api, folder, entrypoint, cwd, kubeconfigOf } = this.#context
    const { env, args, ports } = await prepareContainer(api, this.#pod, spec, join(folder, 'volumes', uid))
    const account = podSpec?.serviceAccountName ?? 'default'
    const sdk = this.#sdk
    if (sdk !== undefined) Object.assign(env, { AGONES_SDK_GRPC_PORT: String(sdk.grpc), AGONES_SDK_HTTP_PORT: String(sdk.http) })
    else if (podSpec?.automountServiceAccountToken !== false) {
      const { hostname, port } = new URL(api.access.server)
      Object.assign(env, { KUBECONFIG: await kubeconfigOf(namespace, account), KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port })
    }
    if (ports.size > 0 && role === 'main') {
      const all = { ...JSON.parse(annotations?.[PORTS_ANNOTATION] ?? '{}'), ...Object.fromEntries(ports) }
      await api.merge(this.#path, { metadata: { annotations: { [PORTS_ANNOTATION]: JSON.stringify(all) } } })
    }
    const sidecar = spec.name === SIDECAR ? sdk?.command : undefined
    return new Container({
      spec,
      role,
      restart,
      command: sidecar !== undefined ? sidecar(await kubeconfigOf(namespace, account)) : [...(spec.command ?? entrypoint), ...args],
      env: { HOSTNAME: name ?? '', ...env },
      log: join(folder, 'log', `${namespace}.${name}.${spec.name}.log`),
      cwd,
      portOf: (port) => (sdk !== undefined && port === SDK_HEALTH_PORT ? sdk.health : (ports.get(port) ?? port)),
      changed: () => this.#report(),
    })
  }

  #launch(container: Container): void {
    if (this.#ending || this.#gone) return
    this.#containers.push(container)
    container.start()
  }

  /** The pod completed by itself. Sidecars are stopped after the main containers. */
  async #finish(phase: 'Succeeded' | 'Failed'): Promise<void> {
    this.#phase = phase
    this.#report()
    await Promise.all(this.#containers.map((each) => each.end(SIDECAR_GRACE_MS)))
    await this.#sdk?.[Symbol.asyncDispose]()
  }

  /** The pod is deleted: its containers get their grace time, then the pod is removed. */
  async terminate(graceMs: number): Promise<void> {
    if (this.#ending) return
    this.#ending = true
    const by = (role: (each: Container) => boolean, grace: number) => Promise.all(this.#containers.filter(role).map((each) => each.end(grace)))
    await by(({ role }) => role !== 'sidecar', graceMs)
    await by(({ role }) => role === 'sidecar', SIDECAR_GRACE_MS)
    await this.#sdk?.[Symbol.asyncDispose]()
    const codes = await Promise.all(this.#containers.filter(({ role }) => role === 'main').map(({ done }) => done))
    if (this.#phase === 'Running') this.#phase = codes.every((code) => code === 0) ? 'Succeeded' : 'Failed'
    this.#report()
    await this.#reporting
    await this.#retryUntilDone(() => this.#context.api.remove(this.#path, { gracePeriodSeconds: 0, preconditions: { uid: this.#pod.metadata?.uid } }))
    this.#gone = true
  }

  kill(): void {
    this.#ending = true
    this.#gone = true
    for (const container of this.#containers) container.kill()
    void this.#sdk?.[Symbol.asyncDispose]()
  }

  /** Sends the newest status, one report at a time, and retries until the API server accepts it. */
  #report(): void {
    this.#dirty = true
    this.#reporting ??= (async () => {
      while (this.#dirty && !this.#gone) {
        this.#dirty = false
        // The uid prevents an update of a new pod with the same name.
        await this.#retryUntilDone(() =>
          this.#context.api.merge(`${this.#path}/status`, { metadata: { uid: this.#pod.metadata?.uid }, status: this.#status() }),
        )
      }
      this.#reporting = undefined
    })()
  }

  async #retryUntilDone(request: () => Promise<unknown>): Promise<void> {
    while (!this.#gone) {
      try {
        await request()
        return
      } catch (error) {
        if (error instanceof ApiError && [404, 409].includes(error.code)) this.#gone = true
        if (error instanceof ApiError && error.code === 422) throw error
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
  }

  #status(): V1PodStatus {
    const inits = new Set((this.#pod.spec?.initContainers ?? []).map(({ name }) => name))
    const ready = this.#phase === 'Running' && !this.#ending && this.#containers.every((each) => each.role === 'init' || each.ready)
    const conditions = Object.entries({ PodScheduled: true, Initialized: this.#phase !== 'Pending', ContainersReady: ready, Ready: ready }).map(
      ([type, is]) => {
        const status = is ? 'True' : 'False'
        if (this.#since.get(type)?.status !== status) this.#since.set(type, { status, at: `${new Date().toISOString().slice(0, 19)}Z` })
        return { type, status, lastTransitionTime: this.#since.get(type)?.at as unknown as Date } // the API expects text
      },
    )
    return {
      phase: this.#phase,
      ...(this.#message === undefined ? {} : { message: this.#message.slice(0, 500), reason: 'NotStarted' }),
      conditions,
      hostIP: '127.0.0.1',
      podIP: '127.0.0.1',
      podIPs: [{ ip: '127.0.0.1' }],
      startTime: this.#startTime as unknown as Date, // the API expects text
      initContainerStatuses: this.#containers.filter(({ name }) => inits.has(name)).map((each) => each.status()),
      containerStatuses: this.#containers.filter(({ name }) => !inits.has(name)).map((each) => each.status()),
    }
  }
}
