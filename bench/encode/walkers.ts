import type { EntityView } from '../../model/wire/snapshot.ts'

/** Radius of sight in metres, and how many others a walker has within it on average. */
export const RADIUS_M = 60
const IN_SIGHT = 20
const SPEED_M = 6 / 20

/** Walkers on a square whose size keeps their density. All of them move at each step, some turn. The same seed gives the same walk. */
export class Walkers {
  readonly all: EntityView[]
  readonly half: number
  #seed = 1

  constructor(count: number) {
    this.half = Math.sqrt((count * Math.PI * RADIUS_M ** 2) / IN_SIGHT) / 2
    this.all = Array.from({ length: count }, (_, n) => ({ id: n + 1, kind: 0, ...this.#place(), heading: 6 * this.#random(), flags: 1, name: `Walker ${n}` }))
  }

  step(): void {
    for (const walker of this.all) {
      if (this.#random() < 0.05) walker.heading = 2 * Math.PI * this.#random()
      walker.x += SPEED_M * Math.cos(walker.heading)
      walker.y += SPEED_M * Math.sin(walker.heading)
      if (Math.abs(walker.x) > this.half || Math.abs(walker.y) > this.half) {
        walker.heading += Math.PI
        walker.x = Math.max(-this.half, Math.min(this.half, walker.x))
        walker.y = Math.max(-this.half, Math.min(this.half, walker.y))
      }
    }
  }

  #place(): { x: number; y: number } {
    return { x: this.half * (2 * this.#random() - 1), y: this.half * (2 * this.#random() - 1) }
  }

  /** 0 to 1 (Lehmer's generator). */
  #random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647
    return this.#seed / 2_147_483_647
  }
}
