import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node'
import { type Api, ApiError } from '../harness/api.ts'
import { type GameServer, pathOf, type State } from './objects.ts'
import type { Watched } from './watched.ts'

/** Adds the SDK's sidecar to a game server's pod, where pods are containers. */
export type AddSidecar = (spec: V1PodSpec, server: GameServer) => V1PodSpec

const evictable = { Never: 'false', OnUpgrade: 'true', Always: 'true' } as const

/** Reconciles a GameServer and its pod: creates the pod, reports its node and its end, and deletes both. */
export class ServerController {
  readonly #api: Api
  readonly #servers: Watched<GameServer>
  readonly #pods: Watched<V1Pod>
  readonly #addSidecar: AddSidecar

  constructor(api: Api, servers: Watched<GameServer>, pods: Watched<V1Pod>, addSidecar: AddSidecar = (spec) => spec) {
    this.#api = api
    this.#servers = servers
    this.#pods = pods
    this.#addSidecar = addSidecar
  }

  async reconcile(server: GameServer): Promise<void> {
    const { metadata, status } = server
    const pod = this.#pods.get(metadata.namespace, metadata.name)
    const podPath = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`
    if (metadata.deletionTimestamp !== undefined) {
      if (pod !== undefined) {
        if (pod.metadata?.deletionTimestamp === undefined) await this.#api.remove(podPath)
      } else if ((metadata.finalizers ?? []).length > 0) await this.#api.merge(pathOf('gameservers', metadata), { metadata: { finalizers: [] } })
      return
    }
    if (status.state === 'Shutdown' || status.state === 'Unhealthy')
      return this.#api.remove(pathOf('gameservers', metadata), { propagationPolicy: 'Background' })
    if (status.state === 'Creating') {
      if (pod === undefined) await this.#createPod(server)
      return this.#setState(server, 'Starting')
    }
    if (pod === undefined) return this.#setState(server, 'Unhealthy')
    if (pod.status?.phase === 'Succeeded') return this.#setState(server, 'Shutdown')
    if (pod.status?.phase === 'Failed') return this.#setState(server, 'Unhealthy')
    if (status.state === 'Starting' && pod.spec?.nodeName !== undefined && pod.status?.hostIP !== undefined) {
      const ports = (server.spec.ports ?? []).map(({ name = 'default', hostPort = 0 }) => ({ name, port: hostPort }))
      await this.#setState(server, 'Scheduled', { address: pod.status?.hostIP ?? '127.0.0.1', nodeName: pod.spec.nodeName, ports })
    }
  }

  async #setState(server: GameServer, state: State, more: Partial<GameServer['status']> = {}): Promise<void> {
    const body = [
      { op: 'test', path: '/metadata/resourceVersion', value: server.metadata.resourceVersion },
      { op: 'replace', path: '/status', value: { ...server.status, ...more, state } },
    ]
    this.#servers.put(await this.#api.patch<GameServer>(pathOf('gameservers', server.metadata), body))
  }

  async #createPod(server: GameServer): Promise<void> {
    const { metadata, spec } = server
    const { name, namespace, uid } = metadata
    const { template } = spec
    const containers = (template.spec?.containers ?? []).map((container, index) => {
      if (spec.container === undefined ? index > 0 : container.name !== spec.container) return container
      const ports = (spec.ports ?? []).map(({ containerPort, hostPort, protocol }) => ({ containerPort, hostPort, protocol }))
      return { ...container, ports: [...(container.ports ?? []), ...ports] }
    })
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template.metadata,
        name,
        labels: {
          ...metadata.labels,
          ...template.metadata?.labels,
          'agones.dev/role': 'gameserver',
          'agones.dev/gameserver': name,
          'agones.dev/safe-to-evict': evictable[spec.eviction?.safe ?? 'Never'],
        },
        ownerReferences: [{ apiVersion: 'agones.dev/v1', kind: 'GameServer', name, uid, controller: true, blockOwnerDeletion: true }],
      },
      // A Fleet's port is one of a pod, with a host port.
      spec: this.#addSidecar(
        { ...template.spec, containers: containers as V1Container[], restartPolicy: 'Never', automountServiceAccountToken: false },
        server,
      ),
    }
    try {
      this.#pods.put(await this.#api.create<V1Pod>(`/api/v1/namespaces/${namespace}/pods`, body))
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 409) throw error // created before; the watch has not delivered it yet
    }
  }
}
