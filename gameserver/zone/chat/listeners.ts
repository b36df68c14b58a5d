import { LRUCache } from 'lru-cache'
import type { Directory } from '../../../directory/directory.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { SocialProfile, Store } from '../../../store/store.ts'

/** How long a profile that was read for a whisper counts, in ms. It bounds the statements of a conversation, and is shorter than a change may take. */
const PROFILE_KEPT_MS = 1_000
const PROFILES_KEPT = 2_000
/** How long a character may answer a whisper of somebody who hides from it, in ms. */
const ANSWER_MS = 10 * 60_000
const ANSWERS_KEPT = 10_000

/** Finds out who may be whispered to. */
export class Listeners {
  readonly #store: Pick<Store, 'findCharacter'>
  readonly #directory: Pick<Directory, 'presence'>
  readonly #profiles = new LRUCache<string, SocialProfile>({ max: PROFILES_KEPT, ttl: PROFILE_KEPT_MS })
  readonly #answers = new LRUCache<string, true>({ max: ANSWERS_KEPT, ttl: ANSWER_MS })

  constructor(store: Pick<Store, 'findCharacter'>, directory: Pick<Directory, 'presence'>) {
    this.#store = store
    this.#directory = directory
  }

  /**
   * The character of this id or name, if the speaker may whisper to it. Undefined, after the same work, for a character that does not exist, is not in the
   * world, hides from the speaker, or has a block with it (rule T2).
   */
  async find(speaker: SocialProfile, idOrName: string): Promise<CharacterId | undefined> {
    const profile = this.#profiles.get(idOrName) ?? (await this.#store.findCharacter(idOrName))
    if (profile !== undefined) this.#profiles.set(idOrName, profile)
    const character = profile?.character ?? idOrName
    const present = await this.#directory.presence([character])
    if (profile === undefined || !present.has(character)) return undefined
    return this.#mayWhisper(speaker, profile) ? character : undefined
  }

  /** `to` received a whisper from `from` on this server, so it may answer. */
  noteWhisper(from: CharacterId, to: CharacterId): void {
    this.#answers.set(`${to} ${from}`, true)
  }

  #mayWhisper(speaker: SocialProfile, { character, blocked = [], settings, friends, partyMembers }: SocialProfile): boolean {
    if (character === speaker.character) return false
    if (blocked.includes(speaker.character) || speaker.blocked?.includes(character) === true) return false
    if (settings.presence === 'everyone' || partyMembers.includes(speaker.character)) return true
    return this.#answers.has(`${speaker.character} ${character}`) || (settings.presence === 'friends' && friends.includes(speaker.character))
  }
}
