import type { EntityId } from '../../../model/ids.ts'
import type { EntityMotion, EntityView, Snapshot } from '../../../model/wire/snapshot.ts'
import type { InterestGrid } from './interestGrid.ts'

export interface SightRange {
  /** An entity becomes visible at this distance, in metres. */
  radius: number
  /** A visible entity stays visible until it is this many metres beyond `radius`, so that it does not flicker at the edge. */
  margin: number
}

interface Seen {
  x: number
  y: number
  heading: number
  flags: number
  /** The last round in which the entity was in range. */
  round: number
}

/** Quantised as on the wire (model/wire/snapshot.ts): a change that the wire format cannot express is not sent. */
const position = (metres: number): number => Math.round(metres * 32)
const angle = (radians: number): number => Math.round((radians * 256) / (2 * Math.PI)) & 255

/** Tracks which entities one client knows, and computes the next snapshot from the difference. */
export class Sight {
  readonly #range: SightRange
  readonly #seen = new Map<EntityId, Seen>()
  #round = 0
  #full = true

  constructor(range: SightRange) {
    this.#range = range
  }

  sees(id: EntityId): boolean {
    return this.#seen.has(id)
  }

  /** Sends the entity with its name again, without showing it leave. */
  renew(id: EntityId): void {
    this.#seen.delete(id)
  }

  /** Makes the next snapshot a full one. */
  reset(): void {
    this.#seen.clear()
    this.#full = true
  }

  /** Returns undefined when nothing changed. */
  nextSnapshot(grid: InterestGrid, centre: { x: number; y: number }, tick: number): Snapshot | undefined {
    const { radius, margin } = this.#range
    const inner = radius * radius
    const [entered, moved, left]: [EntityView[], EntityMotion[], EntityId[]] = [[], [], []]
    const round = ++this.#round
    grid.near(centre.x, centre.y, radius + margin, (entity, distanceSquared) => {
      const seen = this.#seen.get(entity.id)
      if (seen === undefined) {
        if (distanceSquared > inner) return
        entered.push(entity)
        this.#seen.set(entity.id, toSeen(entity, round))
        return
      }
      seen.round = round
      if (update(seen, entity)) moved.push(entity)
    })
    for (const [id, seen] of this.#seen) {
      if (seen.round === round) continue
      this.#seen.delete(id)
      left.push(id)
    }
    const full = this.#full
    this.#full = false
    if (!full && entered.length === 0 && moved.length === 0 && left.length === 0) return undefined
    return { tick, full, entered, moved, left }
  }
}

function toSeen({ x, y, heading, flags }: EntityView, round: number): Seen {
  return { x: position(x), y: position(y), heading: angle(heading), flags, round }
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
