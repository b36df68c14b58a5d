import type { EntityId } from '../model/ids.ts'
import type { EntityMotion, EntityView, Snapshot } from '../model/wire/snapshot.ts'

/** Who moves along stays on screen for so long, until the destination shows them (rule M5). */
const COMPANION_GRACE_MS = 3_000

export interface ViewChange {
  entered: EntityView[]
  left: EntityView[]
}

/**
 * What a player sees. Objects keep their identity for as long as the entity is in sight, over moves too: the game binds its
 * sprites to them once.
 */
export class WorldView {
  readonly entities = new Map<EntityId, EntityView>()
  tick = 0
  /** Companions of a move that the destination has not shown yet, and until when they are kept. */
  readonly #awaited = new Map<EntityId, number>()

  apply({ tick, full, entered, moved, left }: Snapshot, nowMs: number): ViewChange {
    this.tick = tick
    const change: ViewChange = { entered: [], left: [] }
    for (const entity of entered) this.#put(entity, change)
    for (const motion of moved) this.#move(motion)
    if (full) {
      const present = new Set(entered.map(({ id }) => id))
      for (const id of [...this.entities.keys()]) if (!present.has(id) && !this.#awaited.has(id)) this.#remove(id, change)
    }
    for (const id of left) if (!this.#awaited.has(id)) this.#remove(id, change)
    this.#lapse(nowMs, change)
    return change
  }

  /** Goes over to what the destination shows: what is in both stays the same object, companions are waited for. */
  adopt(destination: WorldView, companions: readonly EntityId[], nowMs: number): ViewChange {
    const change: ViewChange = { entered: [], left: [] }
    this.tick = destination.tick
    this.#awaited.clear()
    for (const id of companions) if (this.entities.has(id) && !destination.entities.has(id)) this.#awaited.set(id, nowMs + COMPANION_GRACE_MS)
    for (const entity of destination.entities.values()) this.#put(entity, change)
    for (const id of [...this.entities.keys()]) if (!destination.entities.has(id) && !this.#awaited.has(id)) this.#remove(id, change)
    return change
  }

  #put(entity: EntityView, change: ViewChange): void {
    this.#awaited.delete(entity.id)
    const known = this.entities.get(entity.id)
    if (known !== undefined) {
      Object.assign(known, entity)
      return
    }
    this.entities.set(entity.id, entity)
    change.entered.push(entity)
  }

  #move(motion: EntityMotion): void {
    const known = this.entities.get(motion.id)
    if (known !== undefined) Object.assign(known, motion)
  }

  #remove(id: EntityId, change: ViewChange): void {
    const known = this.entities.get(id)
    if (known === undefined) return
    this.entities.delete(id)
    change.left.push(known)
  }

  #lapse(nowMs: number, change: ViewChange): void {
    for (const [id, until] of this.#awaited) {
      if (until > nowMs) continue
      this.#awaited.delete(id)
      this.#remove(id, change)
    }
  }
}
