import type { Instant } from '../../../model/clock.ts'
import type { Attributes, CharacterId, MapName } from '../../../model/ids.ts'
import { type Acquaintances, addMinutesTogether } from '../../../model/placement/acquaintance.ts'
import type { HopHistory } from '../../../model/placement/hops.ts'
import type { DayQuarters, EventCrowds, Lock, Records, StoredViolation } from '../../../store/records/records.ts'
import type { MemoryClaims } from './memoryClaims.ts'

const HOUR_MS = 3_600_000

/** The store's records in memory: attributes, acquaintances, hops, locks, instances and day shapes. */
export class MemoryRecords implements Records {
  readonly claims: MemoryClaims
  readonly attributes = new Map<CharacterId, Attributes>()
  readonly met = new Map<CharacterId, Acquaintances>()
  readonly #hops = new Map<string, HopHistory>()
  readonly #locks = new Map<string, Lock & { deed: string; character: CharacterId }>()
  readonly #dayShapes = new Map<MapName, DayQuarters>()
  readonly #eventCrowds = new Map<MapName, EventCrowds>()
  readonly #instances = new Map<string, { party: string; at: Instant }[]>()

  constructor(claims: MemoryClaims) {
    this.claims = claims
  }

  async describe(...[character, epoch, attributes]: Parameters<Records['describe']>): Promise<boolean> {
    if (this.claims.rows.get(character)?.epoch !== epoch) return false
    this.attributes.set(character, attributes)
    return true
  }
  async recordMeetings(...[minutes, now]: Parameters<Records['recordMeetings']>): Promise<void> {
    for (const [character, spent] of minutes) this.met.set(character, addMinutesTogether(this.met.get(character), spent, now))
  }

  async hopHistory(character: CharacterId, map: MapName): Promise<HopHistory | undefined> {
    return this.#hops.get(`${character} ${map}`)
  }
  async recordHop(...[character, map, before, after]: Parameters<Records['recordHop']>): Promise<boolean> {
    const known = this.#hops.get(`${character} ${map}`)
    if (known?.at !== before?.at || known?.level !== before?.level) return false
    this.#hops.set(`${character} ${map}`, after)
    return true
  }

  async takeLocks(...[{ key, until, deed }, holders, now]: Parameters<Records['takeLocks']>): Promise<CharacterId[]> {
    return holders.flatMap(({ character, epoch }) => {
      const known = this.#locks.get(`${key} ${character}`)
      const free = known === undefined || known.until <= now || known.deed === deed
      if (this.claims.rows.get(character)?.epoch !== epoch || !free) return []
      this.#locks.set(`${key} ${character}`, { key, until, deed, character })
      return [character]
    })
  }
  async releaseLock(...[key, character, deed]: Parameters<Records['releaseLock']>): Promise<boolean> {
    return this.#locks.get(`${key} ${character}`)?.deed === deed && this.#locks.delete(`${key} ${character}`)
  }
  async lockedOut(...[key, characters, now]: Parameters<Records['lockedOut']>): Promise<Map<CharacterId, Instant>> {
    const locks = [...this.#locks.values()].filter((lock) => lock.key === key && lock.until > now && characters.includes(lock.character))
    return new Map(locks.map(({ character, until }) => [character, until]))
  }
  async locksOf(character: CharacterId, now: Instant): Promise<Lock[]> {
    const own = [...this.#locks.values()].filter((lock) => lock.character === character && lock.until > now)
    return own.map(({ key, until }) => ({ key, until })).sort((a, b) => a.until - b.until || (a.key < b.key ? -1 : 1))
  }

  async countInstance({ map, party, members, perHour, pendingMs, now }: Parameters<Records['countInstance']>[0]): Promise<Instant | undefined> {
    const openings = members.map((character) => (this.#instances.get(`${character} ${map}`) ?? []).filter(({ at }) => at > now - HOUR_MS))
    if (openings.flat().some((opening) => opening.party === party && opening.at > now - pendingMs)) return undefined
    const blocking = openings.flatMap((of) => of.at(-perHour) ?? [])
    if (blocking.length > 0) return Math.max(...blocking.map(({ at }) => at)) + HOUR_MS
    for (const [index, character] of members.entries()) this.#instances.set(`${character} ${map}`, [...(openings[index] ?? []), { party, at: now }])
    return undefined
  }

  async dayShapes(): Promise<Map<MapName, DayQuarters>> {
    return new Map(this.#dayShapes)
  }
  async recordDayShapes(shapes: ReadonlyMap<MapName, DayQuarters>): Promise<void> {
    for (const [map, quarters] of shapes) this.#dayShapes.set(map, quarters)
  }

  async eventCrowds(): Promise<Map<MapName, EventCrowds>> {
    return new Map(this.#eventCrowds)
  }
  async recordEventCrowds(crowds: ReadonlyMap<MapName, EventCrowds>): Promise<void> {
    for (const [map, learned] of crowds) this.#eventCrowds.set(map, learned)
  }

  /** Nobody cheats in the simulation. */
  async recordViolations(): Promise<void> {}
  async violations(): Promise<StoredViolation[]> {
    return []
  }

  async forgetRecords(now: Instant): Promise<number> {
    const over = [...this.#locks].filter(([, { until }]) => until <= now)
    for (const [key] of over) this.#locks.delete(key)
    return over.length
  }
}
