import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, GuildId, Language, PartyId } from '../../../model/ids.ts'
import type { Decision } from '../../../model/placement/decision.ts'
import { defaultSettings } from '../../../store/accounts/accounts.ts'
import { type PackedDecision, unpackDecision } from '../../../store/decisions/candidates.ts'
import type { Leadership, SocialProfile, Store } from '../../../store/store.ts'
import { MemoryClaims, type Save } from './memoryClaims.ts'
import { MemoryRecords } from './memoryRecords.ts'

/** A character to add. `friends`: names of characters; friendship is symmetric. */
export interface MemoryPerson {
  name: string
  language: Language
  guild?: GuildId
  friends?: readonly string[]
}

interface Known extends MemoryPerson {
  character: CharacterId
  entity: number
}

/** The store in memory. Passes the contract suite `test/contract/claims.ts`, as PostgreSQL does. */
export class MemoryStore extends MemoryRecords implements Store {
  readonly #people = new Map<CharacterId, Known>()
  readonly #parties = new Map<PartyId, CharacterId[]>()
  readonly #decisions = new Map<string, PackedDecision>()
  readonly #leaders = new Set<string>()

  constructor() {
    super(new MemoryClaims())
  }

  /** The id of the character is its name in lower case. */
  addCharacter(person: MemoryPerson): SocialProfile {
    const character = person.name.trim().toLowerCase()
    this.#people.set(character, { ...person, character, entity: this.#people.size + 1 })
    this.claims.add(character)
    return this.#profile(character) as SocialProfile // set two lines above
  }
  async profile(character: CharacterId): Promise<SocialProfile | undefined> {
    return this.#profile(character)
  }
  async profiles(characters: readonly CharacterId[]): Promise<SocialProfile[]> {
    return [...new Set(characters)].flatMap((character) => this.#profile(character) ?? [])
  }
  async findCharacter(idOrName: string): Promise<SocialProfile | undefined> {
    return this.#profile(idOrName.trim().toLowerCase())
  }
  async guildName(guild: string): Promise<string | undefined> {
    return guild
  }

  #profile(character: CharacterId): SocialProfile | undefined {
    const person = this.#people.get(character)
    if (person === undefined) return undefined
    const wishes = (one: Known, other: Known): boolean => (one.friends ?? []).some((name) => name.trim().toLowerCase() === other.character)
    const friends = [...this.#people.values()].filter((other) => other !== person && (wishes(person, other) || wishes(other, person)))
    const [party, partyMembers] = [...this.#parties].find(([, members]) => members.includes(character)) ?? [undefined, []]
    const { entity, name, language, guild } = person
    const [attributes, met] = [this.attributes.get(character), this.met.get(character)]
    const stateVersion = this.claims.rows.get(character)?.stateVersion ?? 0
    return defined({
      character,
      entity,
      name,
      account: character as string,
      language,
      languages: [language],
      settings: defaultSettings,
      guild,
      party,
      partyMembers: [...partyMembers],
      partyLeader: partyMembers[0],
      friends: friends.map((friend) => friend.character),
      attributes,
      met,
      stateVersion: stateVersion === 0 ? undefined : stateVersion,
    })
  }

  async createParty(party: PartyId, leader: CharacterId): Promise<void> {
    await this.leaveParty(leader)
    this.#parties.set(party, [leader])
  }
  async joinParty(party: PartyId, character: CharacterId): Promise<void> {
    const members = this.#parties.get(party)
    if (members === undefined) throw new StrataError('PARTY_UNKNOWN')
    if (members.includes(character)) return
    if (members.length >= 5) throw new StrataError('PARTY_FULL', { limit: 5 })
    await this.leaveParty(character)
    members.push(character)
  }
  async leaveParty(character: CharacterId): Promise<void> {
    for (const [party, members] of this.#parties) {
      const rest = members.filter((member) => member !== character)
      if (rest.length === 0) this.#parties.delete(party)
      else this.#parties.set(party, rest)
    }
  }

  async claim(...[character, at]: Parameters<Store['claim']>): ReturnType<Store['claim']> {
    return this.claims.claim(character, at)
  }
  async claimReleased(...[character, move, epoch, at]: Parameters<Store['claimReleased']>): ReturnType<Store['claimReleased']> {
    return this.claims.claimReleased(character, move, epoch, at)
  }
  async save(...[character, epoch, state, stateVersion]: Parameters<Store['save']>): Promise<boolean> {
    return this.claims.save({ character, epoch, state, stateVersion })
  }
  async saveMany(saves: readonly Save[]): Promise<CharacterId[]> {
    return this.claims.saveMany(saves)
  }
  async release(move: string, saves: readonly Save[]): Promise<boolean> {
    return this.claims.release(move, saves)
  }
  async leave(...[character, epoch, state, stateVersion]: Parameters<Store['leave']>): Promise<boolean> {
    return this.claims.leave({ character, epoch, state, stateVersion })
  }

  async recordDecisions(decisions: readonly PackedDecision[]): Promise<void> {
    for (const decision of decisions) if (!this.#decisions.has(decision.id)) this.#decisions.set(decision.id, decision)
  }
  async decisionsFor(character: CharacterId, limit: number): Promise<Decision[]> {
    return this.#newest(({ characters }) => characters.includes(character), limit)
  }
  async decisionsOn(map: string, limit: number): Promise<Decision[]> {
    return this.#newest((decision) => decision.map === map, limit)
  }
  async forgetDecisions(before: number): Promise<number> {
    const old = [...this.#decisions.values()].filter(({ at }) => at < before)
    for (const { id } of old) this.#decisions.delete(id)
    return old.length
  }
  #newest(wanted: (decision: PackedDecision) => boolean, limit: number): Decision[] {
    return [...this.#decisions.values()]
      .filter(wanted)
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
      .slice(0, limit)
      .map(unpackDecision)
  }

  async tryLead(name: string): Promise<Leadership | undefined> {
    if (this.#leaders.has(name)) return undefined
    this.#leaders.add(name)
    const lost = new AbortController()
    return { lost: lost.signal, [Symbol.asyncDispose]: async () => void this.#leaders.delete(name) }
  }
  async ping(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}
