import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EntityView } from '../../../model/wire/snapshot.ts'
import { InterestGrid } from './interestGrid.ts'
import { Onlooker } from './testing/onlooker.ts'
import { PlainSight } from './testing/plainSight.ts'

/** The margin is less than what a viewer's list of surroundings reaches beyond the radius, so that who leaves may come back before the next search. */
const range = { radius: 40, margin: 2 }
/** Everybody walks on a square of this half width, in metres, so that walkers often come into sight and leave it. */
const HALF = 70
const WALKERS = 24
/** The viewer's place walks like walker 1 does. */
const VIEWER = 1

const id = fc.integer({ min: 1, max: WALKERS })
const place = fc.record({ x: fc.integer({ min: -HALF, max: HALF }), y: fc.integer({ min: -HALF, max: HALF }) })
/** A step in steps of the wire: at most 1 m on each axis. */
const stride = fc.record({ x: fc.integer({ min: -32, max: 32 }), y: fc.integer({ min: -32, max: 32 }) })
const happening = fc.oneof(
  fc.record({ kind: fc.constant('turn' as const), id, by: stride }),
  fc.record({ kind: fc.constant('leap' as const), id, to: place }),
  fc.record({ kind: fc.constant('remove' as const), id }),
  fc.record({ kind: fc.constant('viewer leaps' as const), to: place }),
  fc.record({ kind: fc.constant('crowd leaps' as const), to: place }),
  fc.constant({ kind: 'reset' as const }),
)
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never

class Scene {
  readonly grid = new InterestGrid(20)
  readonly all = new Map<number, EntityView>()
  readonly viewer = { x: 0, y: 0 }
  readonly #strides = new Map<number, { x: number; y: number }>()

  constructor(strides: readonly { x: number; y: number }[]) {
    for (const [n, by] of strides.entries()) {
      this.#strides.set(n + 1, by)
      this.put(n + 1, { x: ((n * 37) % (2 * HALF)) - HALF, y: ((n * 53) % (2 * HALF)) - HALF })
    }
  }

  apply(happens: Exclude<Happening, { kind: 'reset' }>): void {
    if (happens.kind === 'viewer leaps') Object.assign(this.viewer, happens.to)
    // More than the grid's list of jumps has room for.
    else if (happens.kind === 'crowd leaps') for (let n = 101; n <= 300; n++) this.put(n, { x: happens.to.x + (n % 20), y: happens.to.y + (n % 7) })
    else if (happens.kind === 'leap') this.put(happens.id, happens.to)
    else if (happens.kind === 'turn') this.#strides.set(happens.id, { ...happens.by })
    else {
      this.grid.remove(happens.id)
      this.all.delete(happens.id)
    }
  }

  /** Positions stay on whole steps of the wire, and turn around at the edge. */
  step(tick: number): void {
    for (const [id, by] of this.#strides) {
      for (const mover of id === VIEWER ? [this.all.get(id), this.viewer] : [this.all.get(id)]) {
        if (mover === undefined) continue
        mover.x += by.x / 32
        mover.y += by.y / 32
        if (Math.abs(mover.x) > HALF) by.x = -Math.sign(mover.x) * Math.abs(by.x)
        if (Math.abs(mover.y) > HALF) by.y = -Math.sign(mover.y) * Math.abs(by.y)
      }
    }
    // Bytes that a client had before must not come again: the movement is often the same, the flags are not.
    for (const entity of this.all.values()) entity.flags = (tick * entity.id) & 255
    this.grid.sync(tick)
  }

  put(id: number, to: { x: number; y: number }): void {
    const known = this.all.get(id)
    if (known !== undefined) return void Object.assign(known, to)
    const entity = { id, ...to, kind: 0, heading: 0, flags: 0, name: '' }
    this.all.set(id, entity)
    this.grid.add(entity)
  }
}

it('M5: clients see exactly what a plain search of all entities finds, through walks, leaps, crowds and removals, whenever they look', () => {
  const script = fc.array(fc.record({ happens: happening, steps: fc.integer({ min: 1, max: 40 }) }), { minLength: 1, maxLength: 12, size: 'max' })
  fc.assert(
    fc.property(fc.array(stride, { minLength: WALKERS, maxLength: WALKERS }), script, (strides, events) => {
      const scene = new Scene(strides.map((by) => ({ ...by })))
      // Clients that look at each step, at each second one, and seldom: positions from long ago are not kept (Trails).
      const clients = [1, 2, 7, 30].map((every) => ({ every, client: new Onlooker(scene.grid, range), plain: new PlainSight(range) }))
      let tick = 0
      for (const { happens, steps } of events) {
        if (happens.kind !== 'reset') scene.apply(happens)
        else
          for (const { client, plain } of clients) {
            client.sight.reset()
            plain.seen.clear()
          }
        for (let n = 0; n < steps; n++) {
          scene.step(++tick)
          for (const { every, client, plain } of clients) {
            if (tick % every !== 0) continue
            // Enough for all updates and for all that enter, and steps so long that each snapshot looks.
            client.look(scene.viewer, tick, { bytesPerSecond: 10_000_000, stepMs: 200 })
            plain.look(scene.grid, scene.viewer, scene.all.values())
            expect(client.seen).toEqual(plain.seen)
          }
        }
      }
    }),
    { numRuns: 40 },
  )
}, 60_000)
