import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { loopbackService } from '../harness/agones.ts'
import { ApiError } from '../harness/api.ts'
import type { ControlPlane } from '../harness/controlPlane.ts'
import type { Pki } from '../harness/pki.ts'
import type { PodSdk } from '../harness/pod.ts'
import { freePort } from '../harness/processes.ts'
import { serveAllocations } from './allocations.ts'
import { runAutoscalers } from './autoscalers.ts'
import { crds } from './crds.ts'
import { FleetController } from './fleetController.ts'
import type { Fleet, FleetAutoscaler, GameServer } from './objects.ts'
import { standinSdk } from './podSdk.ts'
import { type AddSidecar, ServerController } from './serverController.ts'
import { Watched } from './watched.ts'

const NAMESPACE = 'agones-system'
const SERVICE = 'agones-controller-service'
/** Pause, in ms, that collects a burst of changes; and interval, in ms, at which failed objects are reconciled again. */
const SETTLE_MS = 50
const RETRY_EVERY_MS = 1_000

export interface StandIn extends AsyncDisposable {
  sdkOf(pod: V1Pod): Promise<PodSdk | undefined>
}

export function createStandInCrds({ kubectl }: ControlPlane): void {
  kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: crds }))
  kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'])
}

/** Runs the stand-in for Agones' controllers in this process. */
export async function startStandIn({ api }: ControlPlane, pki: Pki, addSidecar?: AddSidecar): Promise<StandIn> {
  await using starting = new AsyncDisposableStack()
  await api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  const servers = starting.use(new Watched<GameServer>(api, '/apis/agones.dev/v1/gameservers'))
  const fleets = starting.use(new Watched<Fleet>(api, '/apis/agones.dev/v1/fleets'))
  const autoscalers = starting.use(new Watched<FleetAutoscaler>(api, '/apis/autoscaling.agones.dev/v1/fleetautoscalers'))
  const pods = starting.use(new Watched<V1Pod>(api, '/api/v1/pods'))

  const port = await freePort()
  starting.use(await serveAllocations(api, servers, port, pki.issue('standin', [`${SERVICE}.${NAMESPACE}.svc`])))
  await api.create(`/api/v1/namespaces/${NAMESPACE}/services`, loopbackService(SERVICE, port))
  await api.create('/apis/apiregistration.k8s.io/v1/apiservices', {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1.allocation.agones.dev' },
    spec: {
      group: 'allocation.agones.dev',
      version: 'v1',
      groupPriorityMinimum: 1_000,
      versionPriority: 15,
      service: { name: SERVICE, namespace: NAMESPACE, port },
      caBundle: Buffer.from(pki.ca).toString('base64'),
    },
  })
  await api.create('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'agones-gameserver-safe-to-evict-false' },
    spec: { maxUnavailable: '0%', selector: { matchLabels: { 'agones.dev/safe-to-evict': 'false' } } },
  })

  const fleetController = new FleetController(api, servers)
  const serverController = new ServerController(api, servers, pods, addSidecar)
  const stopping = new AbortController()
  let changed = Promise.withResolvers<void>()
  for (const watched of [servers, fleets, pods]) watched.onChange(() => changed.resolve())
  const controlling = (async () => {
    while (!stopping.signal.aborted) {
      for (const fleet of fleets.all()) await fleetController.reconcile(fleet).catch(report)
      await Promise.all(servers.all().map((server) => serverController.reconcile(server).catch(report)))
      await Promise.race([changed.promise, sleep(RETRY_EVERY_MS)])
      changed = Promise.withResolvers()
      await sleep(SETTLE_MS)
    }
  })()
  starting.defer(async () => {
    stopping.abort()
    await controlling
  })
  starting.use(runAutoscalers(api, autoscalers, fleets))
  const running = starting.move()
  return { sdkOf: (pod) => standinSdk(api, servers, pod), [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Reports an error. Conflicts, a namespace that is being deleted and an API server that is unavailable are expected; the next round retries. */
function report(error: unknown): void {
  if (error instanceof ApiError && ![403, 404, 409, 422].includes(error.code)) process.stderr.write(`stand-in: ${error.message}\n`)
}
