import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { CharacterId, CopyId, MapName, ServerId } from '../../model/ids.ts'
import type { SeatHolder } from '../../model/seat.ts'
import type { Social } from '../../store/social/social.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Parts } from '../parts.ts'
import { holderOf } from '../placement/members.ts'

/** How often the outbox is read, in ms. A change is to be seen within a second; this leaves room for the statements and for the census of others. */
const READ_EVERY_MS: DurationMs = 200
/** Characters per read: one statement for their profiles. */
const BATCH = 500
/**
 * A change is applied again after this time, in ms, for a character that was entering and got its seat with the previous profile. An enter request
 * takes less time.
 */
const AGAIN_MS: DurationMs = 5_000

export type ProfileOutbox = Pick<Social, 'takeProfileChanges' | 'settleProfileChanges'>

/**
 * Keeps seats in step with the store: joining a party, a guild, a friendship, a block, a name, a language or an attribute changes the seats of characters in
 * the world, and their servers read the new profiles. Every matchmaker runs one; they share the outbox. Every step may be repeated.
 */
export class ProfileSync implements AsyncDisposable {
  readonly #parts: Parts
  readonly #social: ProfileOutbox
  /** Taken from the outbox, and not applied yet because the directory or the store did not answer. */
  readonly #unapplied = new Set<CharacterId>()
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(parts: Parts, social: ProfileOutbox) {
    this.#parts = parts
    this.#social = social
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const changed = await this.#readOnce()
      if (changed < BATCH) await pause(READ_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async #readOnce(): Promise<number> {
    let characters: readonly CharacterId[] = []
    try {
      const taken = await this.#social.takeProfileChanges(BATCH, AGAIN_MS)
      characters = taken.characters
      for (const character of characters) this.#unapplied.add(character)
      const batch = [...this.#unapplied].slice(0, 2 * BATCH)
      await applyProfiles(this.#parts, batch)
      for (const character of batch) this.#unapplied.delete(character)
      if (this.#unapplied.size === 0) await this.#social.settleProfileChanges(taken.toSettle)
    } catch (error) {
      // Kept in #unapplied for the next turn. When this process dies, the outbox returns its entries again after AGAIN_MS.
      this.#parts.log.warn({ err: error, characters: characters.length }, 'profile changes were not applied; trying again')
    }
    return characters.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }
}

/** Brings the seats of these characters in line with their profiles, and tells the servers where they are live. */
export async function applyProfiles(parts: Parts, characters: readonly CharacterId[]): Promise<void> {
  if (characters.length === 0) return
  const [seats, present] = [seatsOf(parts, characters), await parts.directory.presence(characters)]
  const seated = new Set([...seats.values()].flatMap((copies) => [...copies.values()].flat()))
  // Parties and bans are noted for characters that are not in the world, too: nothing depends on their profiles now.
  const profiles = await parts.store.profiles(characters.filter((character) => seated.has(character) || present.has(character)))
  const known = new Map(profiles.map((profile) => [profile.character, profile]))
  const writes = [...seats].map(([map, copies]) =>
    Promise.all(
      [...copies].map(([copy, inside]) =>
        describe(
          parts,
          map,
          copy,
          inside.flatMap((character) => known.get(character) ?? []),
        ),
      ),
    ),
  )
  const servers = new Map<ServerId, CharacterId[]>()
  for (const [character, { server }] of present) servers.set(server, [...(servers.get(server) ?? []), character])
  const holders = new Map<CharacterId, SeatHolder>()
  for (const [character, { map }] of present) {
    const [profile, policy] = [known.get(character), parts.policies().get(map)]
    if (profile !== undefined && policy !== undefined) holders.set(character, holderOf(profile, policy))
  }
  const words = [...servers].map(([server, live]) =>
    parts.directory.tellServer({ type: 'profilesChanged', server, characters: live, holders: live.flatMap((character) => holders.get(character) ?? []) }),
  )
  await Promise.all([...writes, ...words])
}

function describe(parts: Parts, map: MapName, copy: CopyId, profiles: readonly SocialProfile[]): Promise<void> {
  const policy = parts.policies().get(map)
  if (policy === undefined || profiles.length === 0) return Promise.resolve()
  return parts.directory.describeSeats(
    map,
    copy,
    profiles.map((profile) => holderOf(profile, policy)),
  )
}

/** The copies where these characters have seats; one that is being moved has two. */
function seatsOf(parts: Parts, characters: readonly CharacterId[]): Map<MapName, Map<CopyId, CharacterId[]>> {
  const wanted = new Set(characters)
  const found = new Map<MapName, Map<CopyId, CharacterId[]>>()
  const add = (map: MapName, copy: CopyId, character: CharacterId): void => {
    const copies = found.get(map) ?? new Map<CopyId, CharacterId[]>()
    found.set(map, copies.set(copy, [...(copies.get(copy) ?? []), character]))
  }
  for (const { map, copies, seated } of parts.world.census().maps.values()) {
    for (const character of wanted) {
      const places = seated?.get(character) ?? [...copies.values()].filter(({ seats }) => seats.has(character)).map(({ copy }) => copy.id)
      for (const copy of places) add(map, copy, character)
    }
  }
  return found
}
