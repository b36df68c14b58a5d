import type { Instant } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, GuildId, Language, PartyId } from '../../../model/ids.ts'
import type { Decision } from '../../../model/placement/decision.ts'
import { defaultSettings, type Sanction } from '../../../store/accounts/accounts.ts'
import { type PackedDecision, unpackDecision } from '../../../store/decisions/candidates.ts'
import type { TakenChanges } from '../../../store/social/social.ts'
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

interface Known {
  character: CharacterId
  entity: number
  name: string
  language: Language
  guild: GuildId | undefined
  friends: Set<CharacterId>
  /** Characters whom this one has blocked. */
  blocks: Set<CharacterId>
  ban: Sanction | undefined
}

/** A row of the outbox (store/migrations/0033_profile_changes.ts). */
interface Change {
  id: string
  character: CharacterId
  due: Instant
  repeated: boolean
}

/** The store in memory. Passes the contract suite `test/contract/claims.ts`, as PostgreSQL does. */
export class MemoryStore extends MemoryRecords implements Store {
  readonly #people = new Map<CharacterId, Known>()
  /** Friends that a character was added with; some of them may be added later. */
  readonly #wished = new Map<CharacterId, ReadonlySet<CharacterId>>()
  #changes: Change[] = []
  #changeIds = 0
  readonly #parties = new Map<PartyId, CharacterId[]>()
  readonly #decisions = new Map<string, PackedDecision>()
  readonly #leaders = new Set<string>()

  constructor(now: () => Instant = Date.now) {
    super(new MemoryClaims(now))
  }

  /** The id of the character is its name in lower case. Each character has an account of the same id. */
  addCharacter({ name, language, guild, friends = [] }: MemoryPerson): SocialProfile {
    const character = idOf(name)
    const wished = new Set(friends.map(idOf))
    const known: Known = { character, entity: this.#people.size + 1, name, language, guild, friends: new Set(), blocks: new Set(), ban: undefined }
    for (const other of this.#people.values()) if (wished.has(other.character) || this.#wished.get(other.character)?.has(character)) befriend(known, other)
    this.#wished.set(character, wished)
    this.#people.set(character, known)
    this.claims.add(character)
    return this.profileNow(character) as SocialProfile // set two lines above
  }
  async profile(character: CharacterId): Promise<SocialProfile | undefined> {
    return this.profileNow(character)
  }
  async profiles(characters: readonly CharacterId[]): Promise<SocialProfile[]> {
    return [...new Set(characters)].flatMap((character) => this.profileNow(character) ?? [])
  }
  async findCharacter(idOrName: string): Promise<SocialProfile | undefined> {
    return this.profileNow(idOrName.trim().toLowerCase())
  }
  async guildName(guild: string): Promise<string | undefined> {
    return guild
  }

  /** Without a promise, for the rules. */
  profileNow(character: CharacterId): SocialProfile | undefined {
    const person = this.#people.get(character)
    if (person === undefined) return undefined
    const { party, members: partyMembers = [] } = this.partyOf(character) ?? {}
    const { entity, name, language, guild, ban } = person
    const blocked = [...this.#people.values()].filter((other) => person.blocks.has(other.character) || other.blocks.has(character))
    const [attributes, met] = [this.attributes.get(character), this.met.get(character)]
    const { stateVersion = 0, left } = this.claims.rows.get(character) ?? {}
    return defined({
      character,
      entity,
      name,
      account: character as string,
      language,
      languages: [language],
      left,
      settings: defaultSettings,
      guild,
      party,
      partyMembers: [...partyMembers],
      partyLeader: partyMembers[0],
      friends: [...person.friends],
      blocked: blocked.length === 0 ? undefined : blocked.map((other) => other.character),
      ban,
      attributes,
      met,
      stateVersion: stateVersion === 0 ? undefined : stateVersion,
    })
  }

  async createParty(party: PartyId, leader: CharacterId): Promise<void> {
    await this.leaveParty(leader)
    this.#parties.set(party, [leader])
    this.#note(leader)
  }
  async joinParty(party: PartyId, character: CharacterId): Promise<void> {
    const members = this.#parties.get(party)
    if (members === undefined) throw new StrataError('PARTY_UNKNOWN')
    if (members.includes(character)) return
    if (members.length >= 5) throw new StrataError('PARTY_FULL', { limit: 5 })
    await this.leaveParty(character)
    // The party ended meanwhile when this character was its last member.
    this.#parties.set(party, [...(this.#parties.get(party) ?? []), character])
    this.#note(character)
  }
  async leaveParty(character: CharacterId): Promise<void> {
    for (const [party, members] of this.#parties) {
      const rest = members.filter((member) => member !== character)
      if (rest.length < members.length) this.#note(character)
      if (rest.length === 0) this.#parties.delete(party)
      else this.#parties.set(party, rest)
    }
  }

  /** The party that this character is in, with its members in order of joining; the first leads. */
  partyOf(character: CharacterId): { party: PartyId; members: readonly CharacterId[] } | undefined {
    const found = [...this.#parties].find(([, members]) => members.includes(character))
    return found === undefined ? undefined : { party: found[0], members: found[1] }
  }

  setGuild(character: CharacterId, guild: GuildId | undefined): void {
    const person = this.#people.get(character)
    if (person === undefined || person.guild === guild) return
    person.guild = guild
    this.#note(character)
  }
  befriend(character: CharacterId, other: CharacterId): void {
    const [one, two] = [this.#people.get(character), this.#people.get(other)]
    if (one === undefined || two === undefined || one === two || one.friends.has(other)) return
    befriend(one, two)
    this.#note(character, other)
  }
  /** Ends the friendship, as in the production store. */
  block(character: CharacterId, other: CharacterId): void {
    const [one, two] = [this.#people.get(character), this.#people.get(other)]
    if (one === undefined || two === undefined || one === two || one.blocks.has(other)) return
    one.blocks.add(other)
    one.friends.delete(other)
    two.friends.delete(character)
    this.#note(character, other)
  }
  setBan(character: CharacterId, ban: Sanction | undefined): void {
    const person = this.#people.get(character)
    if (person === undefined) return
    person.ban = ban
    this.#note(character)
  }
  /** Accounts have one character each. */
  async setPlaying(): Promise<void> {}

  /** What the triggers of the production store do: in the same transaction. */
  #note(...characters: CharacterId[]): void {
    for (const character of characters) this.#addChange(character, Date.now(), false)
  }
  #addChange(character: CharacterId, due: Instant, repeated: boolean): string {
    const id = String(++this.#changeIds)
    this.#changes.push({ id, character, due, repeated })
    return id
  }
  async takeProfileChanges(limit: number, againAfterMs: number): Promise<TakenChanges> {
    const now = Date.now()
    const taken = new Set(
      this.#changes
        .filter(({ due }) => due <= now)
        .sort((a, b) => a.due - b.due)
        .slice(0, limit),
    )
    const fresh = new Set([...taken].flatMap(({ character, repeated }) => (repeated ? [] : [character])))
    this.#changes = this.#changes.filter((change) => !taken.has(change))
    const characters = [...new Set([...taken].map(({ character }) => character))]
    const again = characters.map((character) => [character, this.#addChange(character, now + againAfterMs, true)] as const)
    return { characters, toSettle: again.flatMap(([character, id]) => (fresh.has(character) ? [] : [id])) }
  }
  async settleProfileChanges(toSettle: readonly string[]): Promise<void> {
    this.#changes = this.#changes.filter(({ id }) => !toSettle.includes(id))
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
  async notHeld(holds: Parameters<Store['notHeld']>[0]): Promise<CharacterId[]> {
    return this.claims.notHeld(holds)
  }
  async registerServer(): Promise<void> {}
  async unregisterServer(): Promise<void> {}
  async permitKey(): Promise<Uint8Array> {
    return new Uint8Array(32)
  }
  /** None is registered, so that the tickets of moves are not sealed. */
  async holderKeys(characters: readonly CharacterId[]): Promise<Map<CharacterId, string | null>> {
    return new Map(characters.map((character) => [character, null]))
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

const idOf = (name: string): CharacterId => name.trim().toLowerCase()

function befriend(one: Known, two: Known): void {
  one.friends.add(two.character)
  two.friends.add(one.character)
}
