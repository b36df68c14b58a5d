import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node'
import { withDeadline } from '../../../service/kubernetes/call.ts'
import { NAMESPACE } from './kubectl.ts'

const CALL_TIMEOUT_MS = 10_000

/** What is read here. */
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

/**
 * Asked several times a second while the tests wait for something. Not by kubectl: a process each, of a tenth of a second, would be most of
 * what two cores can do.
 */
export async function list<T extends KubernetesObject>(kind: Kind, selector?: string): Promise<T[]> {
  const [apiVersion, name] = kinds[kind]
  const none = undefined
  const { items } = await withDeadline(api().list<T>(apiVersion, name, NAMESPACE, none, none, none, none, selector), CALL_TIMEOUT_MS)
  return items
}

export async function get<T extends KubernetesObject>(kind: Kind, name: string): Promise<T> {
  const [apiVersion, kindName] = kinds[kind]
  const found = await withDeadline(api().read({ apiVersion, kind: kindName, metadata: { name, namespace: NAMESPACE } }), CALL_TIMEOUT_MS)
  return found as T // of that kind
}
