import type { KubernetesObject, V1ObjectMeta, V1PodTemplateSpec } from '@kubernetes/client-node'

/** The fields of Agones' objects that the stand-in uses. */
export interface GameServerSpec {
  container?: string
  ports?: { name?: string; portPolicy?: 'Dynamic' | 'Passthrough'; containerPort?: number; hostPort?: number; protocol?: string }[]
  health?: { disabled?: boolean; initialDelaySeconds?: number; periodSeconds?: number; failureThreshold?: number }
  eviction?: { safe?: 'Never' | 'OnUpgrade' | 'Always' }
  counters?: Record<string, { count: number; capacity: number }>
  template: V1PodTemplateSpec
}

export type State = 'Creating' | 'Starting' | 'Scheduled' | 'Ready' | 'Allocated' | 'Reserved' | 'Shutdown' | 'Unhealthy'

export interface GameServer extends KubernetesObject {
  metadata: V1ObjectMeta & { name: string; namespace: string }
  spec: GameServerSpec
  status: {
    state: State
    address?: string
    nodeName?: string
    ports?: { name: string; port: number }[]
    counters?: Record<string, { count: number; capacity: number }>
  }
}

export interface Fleet extends KubernetesObject {
  metadata: V1ObjectMeta & { name: string; namespace: string }
  spec: {
    replicas?: number
    allocationOverflow?: { labels?: Record<string, string>; annotations?: Record<string, string> }
    template: { metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }; spec: GameServerSpec }
  }
  status?: FleetStatus
}

export interface FleetStatus {
  replicas: number
  readyReplicas: number
  reservedReplicas: number
  allocatedReplicas: number
}

export interface WebhookService {
  name: string
  namespace: string
  port?: number
  path?: string
}

export interface FleetAutoscaler extends KubernetesObject {
  metadata: V1ObjectMeta & { name: string; namespace: string }
  spec: {
    fleetName: string
    policy: { type: string; webhook?: { url?: string; caBundle?: string; service?: WebhookService } }
    sync?: { fixedInterval?: { seconds?: number } }
  }
}

export const FLEET_LABEL = 'agones.dev/fleet'
export const SET_LABEL = 'agones.dev/gameserverset'
/** GameServer annotation: the fleet's `allocationOverflow` when the server was created. Later changes do not reach the server. */
export const OVERFLOW_ANNOTATION = 'strata.test/overflow'
export const MARKED_ANNOTATION = 'strata.test/marked'

export const pathOf = (plural: string, { namespace, name }: { namespace?: string; name?: string }, group = 'agones.dev'): string =>
  `/apis/${group}/v1/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`

export const inUse = ({ status: { state } }: GameServer): boolean => state === 'Allocated' || state === 'Reserved'
export const isEnding = ({ metadata, status: { state } }: GameServer): boolean =>
  metadata.deletionTimestamp !== undefined || state === 'Shutdown' || state === 'Unhealthy'
