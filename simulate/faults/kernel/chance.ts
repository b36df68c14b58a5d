import { type Random, seededRandom } from '../../../model/random.ts'

/** FNV-1a: a number from a text, the same everywhere. */
export function hash(text: string): number {
  let state = 0x811c9dc5
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  return state >>> 0
}

/** Chance of its own for each thing: what is left out of a history does not change what happens to the rest. */
export class Chance {
  readonly #seed: number
  readonly #streams = new Map<string, Random>()

  constructor(seed: number) {
    this.#seed = seed
  }

  of(name: string): Random {
    let stream = this.#streams.get(name)
    if (stream === undefined) {
      stream = seededRandom(hash(`${this.#seed} ${name}`))
      this.#streams.set(name, stream)
    }
    return stream
  }
}

export const between = (random: Random, low: number, high: number): number => low + Math.floor(random() * (high - low + 1))

export function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[Math.floor(random() * list.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}
