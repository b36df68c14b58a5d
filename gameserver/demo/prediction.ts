import type { MapName } from '../../model/ids.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import { FLAG } from './flags.ts'
import { toDirection, walk } from './movement.ts'
import type { WalkInput } from './state.ts'

/** All that a client needs to predict its own body by the room's rules. */
export interface Walker {
  map: MapName
  x: number
  y: number
  heading: number
  walk: WalkInput
  /** A body that gathers, or is down, stands still. */
  still: boolean
}

/** What the room tells a player of the own character, for the prediction. */
export type WalkingSelf = Pick<Walker, 'map' | 'walk'>

/** The option `predict` of a client of the demo. */
export const walkPrediction = {
  start({ x, y, heading }: EntityView, self: unknown): Walker {
    const { map, walk } = self as WalkingSelf // what the room's selfState returns
    return { map, x, y, heading, walk, still: false }
  },
  step(walker: Walker, input: WalkInput | undefined, dtSeconds: number): Walker {
    const next = input === undefined ? walker : { ...walker, walk: toDirection(input) }
    const { map, walk: to, still } = next
    return still || (to.dx === 0 && to.dy === 0) ? next : { ...next, ...walk(map, next, to, dtSeconds) }
  },
  correct(walker: Walker, { x, y, heading, flags }: EntityView): Walker {
    return { ...walker, x, y, heading, still: (flags & (FLAG.gathering | FLAG.dead)) !== 0 }
  },
}
