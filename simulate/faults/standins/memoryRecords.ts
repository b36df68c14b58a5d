import { becomeAcquainted } from '../../../model/acquaintance.ts'
import type { HopHistory } from '../../../model/hops.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Lock, Records } from '../../../store/records.ts'
import type { SocialProfile } from '../../../store/store.ts'

type Attributes = NonNullable<SocialProfile['attributes']>
type Opening = Parameters<Records['countInstance']>[0]

const HOUR_MS = 3_600_000

/** What outlives copies besides the characters, without a database. Whose epoch it is, the simulated games ask nowhere. */
export class MemoryRecords implements Records {
  readonly attributes = new Map<CharacterId, Attributes>()
  readonly met = new Map<CharacterId, NonNullable<SocialProfile['met']>>()
  readonly #hops = new Map<string, HopHistory>()
  readonly #locks = new Map<string, Lock & { character: CharacterId; deed: string }>()
  readonly #openings: { character: CharacterId; map: string; party: string; at: number }[] = []

  async describe(character: CharacterId, _epoch: number, attributes: Attributes): Promise<boolean> {
    this.attributes.set(character, attributes)
    return true
  }
  async recordMeetings(...[minutes, now]: Parameters<Records['recordMeetings']>): Promise<void> {
    for (const [character, others] of minutes) this.met.set(character, becomeAcquainted(this.met.get(character), others, now))
  }

  async hopHistory(character: CharacterId, map: string): Promise<HopHistory | undefined> {
    return this.#hops.get(`${map} ${character}`)
  }
  async recordHop(...[character, map, before, after]: Parameters<Records['recordHop']>): Promise<boolean> {
    const present = this.#hops.get(`${map} ${character}`)
    if (present?.at !== before?.at || present?.level !== before?.level) return false
    this.#hops.set(`${map} ${character}`, after)
    return true
  }

  async takeLocks(...[{ key, until, deed }, holders, now]: Parameters<Records['takeLocks']>): Promise<CharacterId[]> {
    return holders.flatMap(({ character }) => {
      const present = this.#locks.get(`${key} ${character}`)
      if (present !== undefined && present.until > now && present.deed !== deed) return []
      this.#locks.set(`${key} ${character}`, { key, until, character, deed })
      return [character]
    })
  }
  async releaseLock(key: string, character: CharacterId, deed: string): Promise<boolean> {
    return this.#locks.get(`${key} ${character}`)?.deed === deed && this.#locks.delete(`${key} ${character}`)
  }
  async lockedOut(...[key, characters, now]: Parameters<Records['lockedOut']>): Promise<Map<CharacterId, number>> {
    const locks = characters.flatMap((character) => this.#locks.get(`${key} ${character}`) ?? [])
    return new Map(locks.filter(({ until }) => until > now).map(({ character, until }) => [character, until]))
  }
  async locksOf(character: CharacterId, now: number): Promise<Lock[]> {
    const own = [...this.#locks.values()].filter((lock) => lock.character === character && lock.until > now)
    return own.map(({ key, until }) => ({ key, until })).sort((a, b) => a.until - b.until || (a.key < b.key ? -1 : 1))
  }

  async countInstance({ map, party, members, perHour, pendingMs, now }: Opening): Promise<number | undefined> {
    const recent = this.#openings.filter((opening) => opening.map === map && members.includes(opening.character) && opening.at > now - HOUR_MS)
    if (recent.some((opening) => opening.party === party && opening.at > now - pendingMs)) return undefined
    const blocking = members.flatMap((member) => recent.filter(({ character }) => character === member).at(-perHour)?.at ?? [])
    if (blocking.length > 0) return Math.max(...blocking) + HOUR_MS
    for (const character of members) this.#openings.push({ character, map, party, at: now })
    return undefined
  }

  async forgetRecords(now: number): Promise<number> {
    const old = [...this.#locks].filter(([, { until }]) => until < now)
    for (const [name] of old) this.#locks.delete(name)
    return old.length
  }
}
