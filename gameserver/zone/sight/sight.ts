import type { EntityId } from '../../../model/ids.ts'
import type { EntityMotion, EntityView, Snapshot } from '../../../model/wire/snapshot.ts'
import type { InterestGrid } from './interestGrid.ts'

export interface SightRange {
  /** What comes as near as this (metres) is shown. */
  radius: number
  /** What is shown stays shown until it is this much farther away: nothing flaps at the edge. */
  margin: number
}

interface Seen {
  x: number
  y: number
  heading: number
  flags: number
  look: number
}

/** Wire steps (model/wire/snapshot.ts): a change that the wire cannot show is not sent. */
const position = (metres: number): number => Math.round(metres * 32)
const angle = (radians: number): number => Math.round((radians * 256) / (2 * Math.PI)) & 255

/** What one client has been shown, and so what has to be said next. */
export class Sight {
  readonly #range: SightRange
  readonly #seen = new Map<EntityId, Seen>()
  #looks = 0
  #full = true

  constructor(range: SightRange) {
    this.#range = range
  }

  sees(id: EntityId): boolean {
    return this.#seen.has(id)
  }

  /** The next snapshot begins anew. */
  reset(): void {
    this.#seen.clear()
    this.#full = true
  }

  /** Undefined when there is nothing to say. */
  look(grid: InterestGrid, centre: { x: number; y: number }, tick: number): Snapshot | undefined {
    const { radius, margin } = this.#range
    const inner = radius * radius
    const [entered, moved, left]: [EntityView[], EntityMotion[], EntityId[]] = [[], [], []]
    const look = ++this.#looks
    grid.near(centre.x, centre.y, radius + margin, (entity, distanceSquared) => {
      const seen = this.#seen.get(entity.id)
      if (seen === undefined) {
        if (distanceSquared > inner) return
        entered.push(entity)
        this.#seen.set(entity.id, toSeen(entity, look))
        return
      }
      seen.look = look
      if (update(seen, entity)) moved.push(entity)
    })
    for (const [id, seen] of this.#seen) {
      if (seen.look === look) continue
      this.#seen.delete(id)
      left.push(id)
    }
    const full = this.#full
    this.#full = false
    if (!full && entered.length === 0 && moved.length === 0 && left.length === 0) return undefined
    return { tick, full, entered, moved, left }
  }
}

function toSeen({ x, y, heading, flags }: EntityView, look: number): Seen {
  return { x: position(x), y: position(y), heading: angle(heading), flags, look }
}

function update(seen: Seen, entity: EntityView): boolean {
  const [x, y, heading] = [position(entity.x), position(entity.y), angle(entity.heading)]
  if (seen.x === x && seen.y === y && seen.heading === heading && seen.flags === entity.flags) return false
  seen.x = x
  seen.y = y
  seen.heading = heading
  seen.flags = entity.flags
  return true
}
