import type { MapName } from '../../model/ids.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import { clampTo } from './borders.ts'
import { FLAG, type WalkInput } from './state.ts'

/** Walking speed in metres per second. */
export const SPEED = 6

/** All that the rules of walking need, on the server and in a client that predicts its own body. */
export interface Walker {
  map: MapName
  x: number
  y: number
  heading: number
  walk: WalkInput
  /** A body that gathers stands still. */
  gathering: boolean
}

/** Scales a direction longer than 1 down to 1, so that no client walks faster. */
export function direction({ dx, dy }: WalkInput): WalkInput {
  const length = Math.max(1, Math.hypot(dx, dy))
  return { dx: dx / length, dy: dy / length }
}

export function isWalking({ walk: { dx, dy }, gathering }: Pick<Walker, 'walk' | 'gathering'>): boolean {
  return !gathering && (dx !== 0 || dy !== 0)
}

/** Where a body is after some seconds of walking. */
export function walkOn(walker: Walker, dtSeconds: number): Pick<Walker, 'x' | 'y' | 'heading'> {
  const { map, x, y, heading, walk } = walker
  if (!isWalking(walker)) return { x, y, heading }
  return { ...clampTo(map, { x: x + walk.dx * SPEED * dtSeconds, y: y + walk.dy * SPEED * dtSeconds }), heading: Math.atan2(walk.dy, walk.dx) }
}

/** What `selfState` of the demo returns of the walk. */
export type WalkingSelf = Pick<Walker, 'map' | 'walk'>

/** The option `predict` of a client of the demo: the same rules as in the room. */
export const walkPrediction = {
  start({ x, y, heading }: EntityView, self: unknown): Walker {
    const { map, walk } = self as WalkingSelf // what the room's selfState returns
    return { map, x, y, heading, walk, gathering: false }
  },
  step(walker: Walker, input: WalkInput | undefined, dtSeconds: number): Walker {
    const next = input === undefined ? walker : { ...walker, walk: direction(input) }
    return { ...next, ...walkOn(next, dtSeconds) }
  },
  correct(walker: Walker, { x, y, heading, flags }: EntityView): Walker {
    return { ...walker, x, y, heading, gathering: (flags & FLAG.gathering) !== 0 }
  },
}
