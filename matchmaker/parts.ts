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

/** What every part of the matchmaker works with. Nothing in here is state of its own: all of it can be made anew from the directory and the store. */
export interface Parts {
  directory: Directory
  store: Store
  /** The replica of the directory's truth, some milliseconds old; the atomic step is what protects the caps. */
  world: { census(): Census }
  policies(): Policies
  clock: Clock
  newId(): string
  keys: { ticket: CryptoKey; ticketPublic: readonly CryptoKey[] }
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

/** A map without copies is a map like any other. */
export function mapOf(census: Census, map: MapName): MapCensus {
  return census.maps.get(map) ?? { map, copies: new Map(), waiting: 0 }
}

export type ReachableCopy = Copy & { state: 'open' | 'closing' }

/** The copy with the address to connect to; asks the directory itself when the replica does not know it yet. */
export async function reachableCopy(parts: Parts, map: MapName, id: CopyId): Promise<ReachableCopy | undefined> {
  const known = parts.world.census().maps.get(map)?.copies.get(id)?.copy
  const copy = known ?? (await parts.directory.snapshot(map)).copies.find((one) => one.id === id)
  return copy?.state === 'open' || copy?.state === 'closing' ? copy : undefined
}
