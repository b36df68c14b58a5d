import type { EntityId } from '../model/ids.ts'
import type { EntityView, Snapshot } from '../model/wire/snapshot.ts'

/** What moves along, and the things of the same map, stay on screen for so long until the destination shows them (rule M5). */
export const GRACE_MS = 3_000

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
  /** What the destination of a move has not shown yet, and until when it is waited for. */
  readonly #awaited = new Map<EntityId, number>()

  /** A move goes over to another server, whose next snapshot is a full one: these are kept until it shows them. */
  await(ids: Iterable<EntityId>, nowMs: number): void {
    this.#awaited.clear()
    for (const id of ids) if (this.entities.has(id)) this.#awaited.set(id, nowMs + GRACE_MS)
  }

  apply({ tick, full, entered, moved, left }: Snapshot, nowMs: number): ViewChange {
    this.tick = tick
    const change: ViewChange = { entered: [], left: [] }
    for (const entity of entered) this.#put(entity, change)
    for (const motion of moved) {
      const known = this.entities.get(motion.id)
      if (known !== undefined) Object.assign(known, motion)
    }
    if (full) this.#keepOnly(new Set(entered.map(({ id }) => id)), change)
    for (const id of left) this.#remove(id, change)
    for (const [id, until] of this.#awaited) if (until <= nowMs) this.#remove(id, change)
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

  #keepOnly(shown: ReadonlySet<EntityId>, change: ViewChange): void {
    for (const id of [...this.entities.keys()]) if (!shown.has(id) && !this.#awaited.has(id)) this.#remove(id, change)
  }

  #remove(id: EntityId, change: ViewChange): void {
    this.#awaited.delete(id)
    const known = this.entities.get(id)
    if (known === undefined) return
    this.entities.delete(id)
    change.left.push(known)
  }
}
