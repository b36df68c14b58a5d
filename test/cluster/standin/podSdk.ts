import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { DRAIN_ANNOTATION, GameServerRecord } from '../../../local/agones/gameServerRecord.ts'
import { HealthWatch } from '../../../local/agones/healthWatch.ts'
import { SdkGrpc } from '../../../local/agones/sdk/sdkGrpc.ts'
import { SdkRest } from '../../../local/agones/sdk/sdkRest.ts'
import { SdkService } from '../../../local/agones/sdk/sdkService.ts'
import { defined } from '../../../model/defined.ts'
import { type Api, ApiError } from '../harness/api.ts'
import type { PodSdk } from '../harness/pod.ts'
import { FLEET_LABEL, type Fleet, type GameServer, OVERFLOW_ANNOTATION, pathOf, type State } from './objects.ts'
import type { Watched } from './watched.ts'

/** The interval in ms at which the real sidecar batches its writes. */
const WRITE_AFTER_MS = 500
const HEALTH_EVERY_MS = 500
const clock = { now: Date.now }
const prefix = 'agones.dev/sdk-'

/** Where the SDK listens, and the address of the node. Without it: any free ports of this machine, which is the node. */
export interface SdkPlace {
  grpc: number
  http: number
  host: string
}
const here: SdkPlace = { grpc: 0, http: 0, host: '127.0.0.1' }

/** The Agones SDK of a pod, with the local fleet's SDK code. The game's reports go to the GameServer object, and changes of the object come back. */
export async function standinSdk(api: Api, servers: Watched<GameServer>, pod: V1Pod, place = here): Promise<PodSdk | undefined> {
  if (pod.metadata?.labels?.['agones.dev/role'] !== 'gameserver') return undefined
  const { namespace, name } = pod.metadata
  const object = servers.get(namespace, name) ?? (await api.get<GameServer>(pathOf('gameservers', pod.metadata)))
  const record = recordOf(object, place.host)
  const health = new HealthWatch({ ...healthOf(object) }, clock.now())
  const sdk = new SdkService(record, health, clock)
  const [grpc, rest] = await Promise.all([SdkGrpc.start(sdk, place.grpc), SdkRest.start(sdk, place.http)])

  const closed = new AbortController()
  let [fromApi, dirty] = [false, false]
  let wanted: State | undefined
  let state = record.state
  record.watch((view) => {
    if (view.state !== state && !fromApi) wanted = view.state
    state = view.state
    if (!fromApi) dirty = true
  })
  const receive = (): void => {
    const now = servers.get(namespace, name)
    if (now === undefined) return
    fromApi = true
    const apiState = now.status.state
    if (
      wanted === undefined &&
      (apiState === 'Ready' || apiState === 'Allocated' || apiState === 'Reserved' || apiState === 'Shutdown') &&
      apiState !== record.state
    )
      record.to(apiState, clock.now())
    if (now.metadata.annotations?.[DRAIN_ANNOTATION] !== undefined) record.markOverflow()
    fromApi = false
  }
  const stopReceiving = servers.onChange(receive)

  const write = async (): Promise<void> => {
    const now = servers.get(namespace, name)
    if (now === undefined || now.metadata.deletionTimestamp !== undefined) return
    // Ready must wait until the pod is scheduled.
    if (wanted === 'Ready' && (now.status.state === 'Creating' || now.status.state === 'Starting')) return
    const view = record.view()
    const own = (all: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith(prefix)))
    const body = {
      metadata: { resourceVersion: now.metadata.resourceVersion, labels: own(view.labels), annotations: own(view.annotations) },
      status: { counters: view.counters, ...defined({ state: wanted }) },
    }
    const sent = wanted
    servers.put(await api.merge<GameServer>(pathOf('gameservers', now.metadata), body))
    if (wanted === sent) wanted = undefined
    dirty = wanted !== undefined
  }
  const writing = (async () => {
    while (!closed.signal.aborted) {
      await sleep(WRITE_AFTER_MS, undefined, { signal: closed.signal }).catch(() => {})
      if (!dirty) continue
      await write().catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.code !== 409) return sleep(WRITE_AFTER_MS) // the API server is unavailable: try again later
      })
    }
  })()
  const checking = setInterval(() => {
    if (record.terminal || health.healthy(clock.now())) return
    wanted = 'Unhealthy'
    dirty = true
  }, HEALTH_EVERY_MS)

  return {
    grpc: grpc.port,
    http: rest.port,
    health: 0,
    async [Symbol.asyncDispose]() {
      clearInterval(checking)
      stopReceiving()
      closed.abort()
      await writing
      // The last report, such as Shutdown, is still sent.
      if (dirty) await write().catch(() => undefined)
      sdk.close()
      await Promise.all([grpc[Symbol.asyncDispose](), rest[Symbol.asyncDispose]()])
    },
  }
}

function healthOf({ spec: { health = {} } }: GameServer) {
  const { disabled = false, initialDelaySeconds = 5, periodSeconds = 5, failureThreshold = 3 } = health
  return { disabled, initialDelaySeconds, periodSeconds, failureThreshold }
}

function recordOf(object: GameServer, host: string): GameServerRecord {
  const { metadata, spec } = object
  const overflow: Fleet['spec']['allocationOverflow'] = JSON.parse(metadata.annotations?.[OVERFLOW_ANNOTATION] ?? '{}')
  const [port] = spec.ports ?? []
  return new GameServerRecord({
    name: metadata.name,
    uid: metadata.uid ?? '',
    created: clock.now(),
    host,
    port: port?.hostPort ?? 0,
    manifest: {
      name: metadata.labels?.[FLEET_LABEL] ?? '',
      replicas: 1,
      maxReplicas: 1,
      command: [],
      labels: metadata.labels ?? {},
      annotations: metadata.annotations ?? {},
      overflow: { labels: overflow?.labels ?? {}, annotations: overflow?.annotations ?? {} },
      counters: object.status.counters ?? {},
      portName: port?.name ?? 'default',
      health: healthOf(object),
      terminationGraceMs: 0,
      env: {},
    },
  })
}
