import { setTimeout as sleep } from 'node:timers/promises'
import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node'
import { statusCode, withDeadline } from '../../../service/kubernetes/call.ts'
import { NAMESPACE } from './kubectl.ts'

const CALL_TIMEOUT_MS = 10_000

/** API version and kind of the objects that the tests read. */
const kinds = {
  pod: ['v1', 'Pod'],
  gameserver: ['agones.dev/v1', 'GameServer'],
  fleet: ['agones.dev/v1', 'Fleet'],
  fleetautoscaler: ['autoscaling.agones.dev/v1', 'FleetAutoscaler'],
  mappolicy: ['strata.dev/v1alpha1', 'MapPolicy'],
  event: ['events.k8s.io/v1', 'Event'],
} as const
export type Kind = keyof typeof kinds

let known: KubernetesObjectApi | undefined
function api(): KubernetesObjectApi {
  if (known !== undefined) return known
  const config = new KubeConfig()
  config.loadFromDefault()
  known = KubernetesObjectApi.makeApiClient(config)
  return known
}

/** Retries a call that gets 429, as kubectl does: the API server is temporarily unable to respond, for example just after a CRD changed. */
async function ask<T>(call: () => Promise<T>): Promise<T> {
  for (let left = 10; ; left--) {
    try {
      return await withDeadline(call(), CALL_TIMEOUT_MS)
    } catch (error) {
      if (statusCode(error) !== 429 || left === 0) throw error
      await sleep(1_000)
    }
  }
}

/**
 * Lists objects. Tests call it several times a second while they wait. Starting kubectl takes a tenth of a second of CPU, which would occupy most of two cores.
 */
export async function list<T extends KubernetesObject>(kind: Kind, selector?: string): Promise<T[]> {
  const [apiVersion, name] = kinds[kind]
  const none = undefined
  const { items } = await ask(() => api().list<T>(apiVersion, name, NAMESPACE, none, none, none, none, selector))
  return items
}

export async function get<T extends KubernetesObject>(kind: Kind, name: string): Promise<T> {
  const [apiVersion, kindName] = kinds[kind]
  const found = await ask(() => api().read({ apiVersion, kind: kindName, metadata: { name, namespace: NAMESPACE } }))
  return found as T // of the kind that was asked for
}
