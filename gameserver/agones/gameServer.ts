import type { FleetName, Region, ServerId } from '../../model/ids.ts'
import type { SdkGameServer } from './sdk.ts'

/** The Agones GameServer object of this process. */
export interface AgonesGameServer {
  name: ServerId
  fleet: FleetName
  /** From the label strata.dev/region of the fleet's template. */
  region: Region | undefined
  state: string
  host: string
  port: number
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
  counters: Readonly<Record<string, { count: number; capacity: number }>>
  /** The server must drain and shut down: a fleet update, a scale-down below the allocated count, or an operator has set the annotation. */
  marked: boolean
}

const FLEET_LABEL = 'agones.dev/fleet'
const REGION_LABEL = 'strata.dev/region'
/** Annotations that mark a server for draining. The fleet's `allocationOverflow` or an operator sets them. */
const DRAIN_ANNOTATIONS = ['strata.dev/drain', 'strata.dev/overflow']

export function toGameServer({ objectMeta, status }: SdkGameServer): AgonesGameServer {
  const labels = Object.fromEntries(objectMeta.labelsMap)
  const annotations = Object.fromEntries(objectMeta.annotationsMap)
  return {
    name: objectMeta.name,
    fleet: labels[FLEET_LABEL] ?? '',
    region: labels[REGION_LABEL],
    state: status.state,
    host: status.address,
    port: status.portsList[0]?.port ?? 0,
    labels,
    annotations,
    counters: Object.fromEntries(status.countersMap),
    marked: DRAIN_ANNOTATIONS.some((key) => key in annotations),
  }
}
