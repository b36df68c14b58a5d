import { type Appearance, type Body, type EntityView, FIRST_THING, type SeatHolder, ZoneRoom } from '@strata/gameserver'
import { z } from 'zod'
import { KIND, mapOf, type WalkInput, walked } from '../shared/game.ts'

/** The saved state of a character: plain JSON, and the same type on all maps. Raise `stateVersion` when it changes, and write `migrate`. */
interface State {
  /** The map that the position belongs to. */
  map: string
  x: number
  y: number
  heading: number
  walk: WalkInput
}

/** Inputs that do not fit disconnect their sender, so the code below gets no others. */
const walkInput = z.strictObject({ dx: z.number().min(-1).max(1), dy: z.number().min(-1).max(1) })

const DOOR = FIRST_THING
const TREES = 40

/** One copy of a map. Both maps of this game share the class; `this.map` says which one it is. */
export class Zone extends ZoneRoom<State, WalkInput> {
  readonly stateVersion = 1
  readonly inputSchema = walkInput

  /** Things have the same ids and places in every copy, so that a moved player keeps them in sight. */
  override setUp(): void {
    const { half, door } = mapOf(this.map)
    this.addThing({ id: DOOR, kind: KIND.door, x: 0, y: -5, heading: 0, flags: 0, name: 'instance' in door ? `To the ${door.instance}` : `To the ${door.map}` })
    const trees: EntityView[] = Array.from({ length: this.map === 'meadow' ? TREES : 0 }, (_, n) => {
      // The golden angle spreads them evenly.
      const [angle, distance] = [n * 2.4, half * Math.sqrt((n + 3) / (TREES + 3))]
      return { id: FIRST_THING + 1 + n, kind: KIND.tree, x: Math.cos(angle) * distance, y: Math.sin(angle) * distance, heading: 0, flags: 0, name: '' }
    })
    for (const tree of trees) this.addThing(tree)
  }

  fresh(): State {
    return { map: '', x: 0, y: 0, heading: 0, walk: { dx: 0, dy: 0 } }
  }

  spawn(state: State, { entity }: SeatHolder): Appearance {
    // Somebody from another map arrives in front of the door; a move between copies keeps the position.
    if (state.map !== this.map) Object.assign(state, { map: this.map, x: (entity % 7) - 3, y: -2, walk: { dx: 0, dy: 0 } })
    return { kind: KIND.player, x: state.x, y: state.y, heading: state.heading, flags: 0 }
  }

  override save({ state, x, y, heading }: Body<State>): State {
    return { ...state, x, y, heading, walk: { ...state.walk } }
  }

  override selfState(): { map: string } {
    return { map: this.map }
  }

  applyInput({ state }: Body<State>, input: WalkInput): void {
    state.walk = input
  }

  /** Twenty times a second. */
  step(dtSeconds: number): void {
    const { half } = mapOf(this.map)
    for (const body of this.bodies()) {
      const { walk } = body.state
      if (walk.dx === 0 && walk.dy === 0) continue
      Object.assign(body, walked(body, walk, dtSeconds, half))
      body.heading = Math.atan2(walk.dy, walk.dx)
    }
  }

  override disconnected({ state }: Body<State>): void {
    state.walk = { dx: 0, dy: 0 }
  }
}
