import { createHmac } from 'node:crypto'
import type { Pseudonym } from '../../model/ids.ts'

/** Hexadecimal digits of a pseudonym, 64 bits: among a million characters two are alike with a probability of 1 to 37 million. */
const DIGITS = 16

/** Stands in for ids: HMAC-SHA-256 under the key of a window. Without the key nobody can compute a pseudonym from an id, or check a guess. */
export class Pseudonyms {
  readonly #key: Uint8Array
  readonly #known = new Map<string, Pseudonym>()

  constructor(key: Uint8Array) {
    this.#key = key
  }

  of(kind: 'character' | 'guild' | 'party', id: string): Pseudonym {
    const name = `${kind} ${id}`
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const made = createHmac('sha256', this.#key).update(name).digest('hex').slice(0, DIGITS)
    this.#known.set(name, made)
    return made
  }

  /** Forgets those that it has computed, so that it remembers only people of the last hour. */
  forgetKnown(): void {
    this.#known.clear()
  }
}
