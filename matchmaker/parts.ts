import type { CryptoKey } from 'jose'
import type { Directory } from '../directory/directory.ts'
import type { Census, MapCensus } from '../model/census.ts'
import type { Clock } from '../model/clock.ts'
import type { Copy } from '../model/copy.ts'
import { StrataError } from '../model/errors.ts'
import type { CopyId, MapName } from '../model/ids.ts'
import type { Decision } from '../model/placement/decision.ts'
import type { MapPolicy, Policies } from '../model/policy/policy.ts'
import type { Logger } from '../service/log.ts'
import type { Store } from '../store/store.ts'
import type { MatchmakerMetrics } from './metrics.ts'
import type { LineAlarm } from './queue/lineAlarm.ts'
import type { WaitEstimate } from './queue/wait/waitEstimate.ts'

/** The dependencies that all modules of the matchmaker share. None of them holds state that the directory or the store could not restore. */
export interface Parts {
  directory: Directory
  store: Store
  /** Replica of the directory, some milliseconds old. The caps are enforced by the directory's atomic step, not by this. */
  world: { census(): Census }
  policies(): Policies
  /** How many characters of one account may be live at once. */
  liveCharacters: 'one' | 'several'
  clock: Clock
  newId(): string
  keys: { ticket: CryptoKey; ticketPublic: readonly CryptoKey[] }
  /** The key that signs permits (`service/keys/permit.ts`). */
  permitKey(): Promise<Uint8Array>
  record(decision: Decision): void
  waits: WaitEstimate
  alarm: LineAlarm
  metrics: MatchmakerMetrics
  log: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** Throws MAP_UNKNOWN. */
export function policyOf(parts: Parts, map: MapName): MapPolicy {
  const policy = parts.policies().get(map)
  if (policy === undefined) throw new StrataError('MAP_UNKNOWN', { map })
  return policy
}

/** The census of one map. A map without copies gets an empty one. */
export function mapOf(census: Census, map: MapName): MapCensus {
  return census.maps.get(map) ?? { map, copies: new Map(), waiting: 0 }
}

export type ReachableCopy = Copy & { state: 'open' | 'closing' }

/** The copy, if clients can connect to it. Asks the directory when the replica does not know the copy yet. */
export async function reachableCopy(parts: Parts, map: MapName, id: CopyId): Promise<ReachableCopy | undefined> {
  const known = parts.world.census().maps.get(map)?.copies.get(id)?.copy
  const copy = known ?? (await parts.directory.snapshot(map)).copies.find((one) => one.id === id)
  return copy?.state === 'open' || copy?.state === 'closing' ? copy : undefined
}
