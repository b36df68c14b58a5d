import { createHmac } from 'node:crypto'
import type { CharacterId, GuildId, PartyId, Pseudonym } from '../../model/ids.ts'

/** Hexadecimal digits of a pseudonym, 64 bits: among a million characters two are alike with a probability of 1 to 37 million. */
const DIGITS = 16

type Kind = 'character' | 'guild' | 'party'
type Known = Readonly<Record<Kind, Map<string, Pseudonym>>>

/**
 * Stands in for ids: HMAC-SHA-256 under the key of a window. Without the key nobody can compute a pseudonym from an id, or check a guess; nor without the salt of a
 * character, which is deleted with the character.
 */
export class Pseudonyms {
  readonly #key: Uint8Array
  /** A pseudonym costs some microseconds, so those in use are kept. */
  #known = nothingKnown()
  #knownBefore = nothingKnown()

  constructor(key: Uint8Array) {
    this.#key = key
  }

  ofCharacter(id: CharacterId, salt: string): Pseudonym {
    return this.#of('character', id, `${id} ${salt}`)
  }

  /** Undefined: it was not asked for lately. */
  knownOf(id: CharacterId): Pseudonym | undefined {
    return this.#known.character.get(id) ?? this.#knownBefore.character.get(id)
  }

  ofGroup(kind: 'guild' | 'party', id: GuildId | PartyId): Pseudonym {
    return this.#of(kind, id, id)
  }

  #of(kind: Kind, id: string, named: string): Pseudonym {
    const known = this.#known[kind].get(id)
    if (known !== undefined) return known
    const pseudonym = this.#knownBefore[kind].get(id) ?? this.#make(kind, named)
    this.#known[kind].set(id, pseudonym)
    return pseudonym
  }

  /** Forgets those that were not used since the last call. */
  forgetUnused(): void {
    this.#knownBefore = this.#known
    this.#known = nothingKnown()
  }

  #make(kind: Kind, named: string): Pseudonym {
    return createHmac('sha256', this.#key).update(`${kind} ${named}`).digest('hex').slice(0, DIGITS)
  }
}

function nothingKnown(): Known {
  return { character: new Map(), guild: new Map(), party: new Map() }
}
