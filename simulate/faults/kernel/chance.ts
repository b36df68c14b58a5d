import { hash, type Random, seededRandom } from '../../../model/random.ts'

/**
 * Named random streams of one seed. Each kind of draw has its own stream, so that removing an event from a scenario does not change the draws of the others.
 */
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
