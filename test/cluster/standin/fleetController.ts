import { createHash, randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Api } from '../harness/api.ts'
import { isFree } from '../harness/processes.ts'
import { FLEET_LABEL, type Fleet, type GameServer, inUse, isEnding, MARKED_ANNOTATION, OVERFLOW_ANNOTATION, pathOf, SET_LABEL } from './objects.ts'
import type { Watched } from './watched.ts'

const GAME_PORTS = { from: 7_000, to: 7_999 }
/** Share of the wanted replicas by which a rolling update may exceed or fall short of them. */
const SURGE = 0.25

/**
 * Reconciles a Fleet to its game servers: as many as its replicas, in use or not; new ones from its newest template. Servers in use are never deleted, only
 * marked.
 */
export class FleetController {
  readonly #api: Api
  readonly #servers: Watched<GameServer>

  constructor(api: Api, servers: Watched<GameServer>) {
    this.#api = api
    this.#servers = servers
  }

  async reconcile(fleet: Fleet): Promise<void> {
    const { name, namespace } = fleet.metadata
    if (fleet.metadata.deletionTimestamp !== undefined) return
    const set = `${name}-${createHash('sha256').update(JSON.stringify(fleet.spec.template)).digest('hex').slice(0, 5)}`
    const all = this.#servers.all().filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.[FLEET_LABEL] === name)
    const here = all.filter((server) => !isEnding(server))
    const [current, old] = [
      here.filter(({ metadata }) => metadata.labels?.[SET_LABEL] === set),
      here.filter(({ metadata }) => metadata.labels?.[SET_LABEL] !== set),
    ]
    const wanted = fleet.spec.replicas ?? 0
    const oldInUse = old.filter(inUse)
    const oldIdle = old.filter((server) => !inUse(server))
    const target = Math.max(wanted - oldInUse.length, current.filter(inUse).length, 0)

    const room = wanted + (oldIdle.length > 0 ? Math.ceil(SURGE * wanted) : 0) - here.length
    for (let i = 0; i < Math.min(target - current.length, Math.max(room, target === 0 ? 0 : room)); i++) await this.#create(fleet, set)
    const surplus = current.filter((server) => !inUse(server)).sort((a, b) => rank(a) - rank(b))
    for (const server of surplus.slice(0, Math.max(0, current.length - target))) await this.#shutDown(server)
    // Old idle servers stop as new servers become ready.
    const serving = here.filter(({ status: { state } }) => state === 'Ready' || state === 'Allocated' || state === 'Reserved').length
    const mayGo = oldIdle.filter(({ status: { state } }) => state !== 'Ready').length + Math.max(0, serving - (wanted - Math.ceil(SURGE * wanted)))
    for (const server of oldIdle.sort((a, b) => rank(a) - rank(b)).slice(0, mayGo)) await this.#shutDown(server)

    await this.#mark(oldInUse, oldInUse.length)
    await this.#mark(current.filter(inUse), current.filter(inUse).length - Math.max(0, wanted - oldInUse.length))
    await this.#status(fleet, here)
  }

  async #create(fleet: Fleet, set: string): Promise<void> {
    const { name, namespace, uid } = fleet.metadata
    const { metadata = {}, spec } = fleet.spec.template
    const ports: NonNullable<typeof spec.ports> = []
    for (const port of spec.ports ?? []) {
      const hostPort = await this.#freePort(ports)
      ports.push({ ...port, hostPort, ...(port.portPolicy === 'Passthrough' ? { containerPort: hostPort } : {}) })
    }
    const server = await this.#api.create<GameServer>(pathOf('gameservers', { namespace }), {
      apiVersion: 'agones.dev/v1',
      kind: 'GameServer',
      metadata: {
        name: `${set}-${randomBytes(3).toString('hex').slice(0, 5)}`,
        labels: { ...metadata.labels, [FLEET_LABEL]: name, [SET_LABEL]: set },
        annotations: { ...metadata.annotations, [OVERFLOW_ANNOTATION]: JSON.stringify(fleet.spec.allocationOverflow ?? {}) },
        ownerReferences: [{ apiVersion: 'agones.dev/v1', kind: 'Fleet', name, uid, controller: true, blockOwnerDeletion: true }],
        finalizers: ['agones.dev/controller'],
      },
      spec: { ...spec, ports, immutableReplicas: 1 },
      status: { state: 'Creating', immutableReplicas: 1, counters: spec.counters ?? {} },
    })
    this.#servers.put(server)
  }

  /** Finds a free port. The process of a deleted pod may still hold its port, so the port itself is also checked. */
  async #freePort(own: readonly { hostPort?: number }[]): Promise<number> {
    const taken = new Set([...own, ...this.#servers.all().flatMap(({ spec }) => spec.ports ?? [])].map(({ hostPort }) => hostPort))
    for (let port = GAME_PORTS.from; port <= GAME_PORTS.to; port++) if (!taken.has(port) && (await isFree(port))) return port
    throw new Error('all ports for game servers are taken')
  }

  async #shutDown(server: GameServer): Promise<void> {
    const { resourceVersion } = server.metadata
    const body = [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'replace', path: '/status/state', value: 'Shutdown' },
    ]
    this.#servers.put(await this.#api.patch<GameServer>(pathOf('gameservers', server.metadata), body))
  }

  /** Marks the surplus of servers in use with the fleet's allocationOverflow. */
  async #mark(servers: readonly GameServer[], count: number): Promise<void> {
    const unmarked = servers.filter(({ metadata }) => metadata.annotations?.[MARKED_ANNOTATION] === undefined)
    for (const server of unmarked.slice(0, Math.max(0, count - (servers.length - unmarked.length)))) {
      const overflow: Fleet['spec']['allocationOverflow'] = JSON.parse(server.metadata.annotations?.[OVERFLOW_ANNOTATION] ?? '{}')
      const metadata = { labels: overflow?.labels ?? {}, annotations: { ...overflow?.annotations, [MARKED_ANNOTATION]: 'true' } }
      this.#servers.put(await this.#api.merge<GameServer>(pathOf('gameservers', server.metadata), { metadata }))
    }
  }

  async #status(fleet: Fleet, here: readonly GameServer[]): Promise<void> {
    const count = (state: string): number => here.filter(({ status }) => status.state === state).length
    const status = { replicas: here.length, readyReplicas: count('Ready'), reservedReplicas: count('Reserved'), allocatedReplicas: count('Allocated') }
    if (!isDeepStrictEqual(fleet.status, status)) await this.#api.merge(`${pathOf('fleets', fleet.metadata)}/status`, { status })
  }
}

/** Order of deletion: servers that are not ready first, then those with the most free rooms. */
function rank({ status: { state, counters } }: GameServer): number {
  const { count = 0, capacity = 0 } = counters?.['rooms'] ?? {}
  return state === 'Ready' ? 1_000 - (capacity - count) : 0
}
