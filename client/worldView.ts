import type { EntityId } from '../model/ids.ts'
import type { EntityView, Snapshot } from '../model/wire/snapshot.ts'

/** After a move, companions and things of the same map stay visible for this time, in ms, until the destination's snapshots contain them (rule M5). */
export const GRACE_MS = 3_000

export interface ViewChange {
  entered: EntityView[]
  left: EntityView[]
}

/**
 * The entities that a player sees. An entity keeps the same object while it is visible, also across moves, so that the game binds a
 * sprite to it once.
 */
export class WorldView {
  readonly entities = new Map<EntityId, EntityView>()
  tick = 0
  /** Entities that no snapshot of the destination contains yet, with the time of their removal in ms. */
  readonly #awaited = new Map<EntityId, number>()

  /** Whether entities are kept that the destination does not show yet. */
  get awaiting(): boolean {
    return this.#awaited.size > 0
  }

  /** Called when a move switches to another server. Keeps these entities until that server's snapshots contain them, for at most `GRACE_MS`. */
  keepUntilShown(ids: Iterable<EntityId>, nowMs: number): void {
    this.#awaited.clear()
    for (const id of ids) if (this.entities.has(id)) this.#awaited.set(id, nowMs + GRACE_MS)
  }

  apply({ tick, full, entered, changed, left }: Snapshot, nowMs: number): ViewChange {
    this.tick = tick
    const change: ViewChange = { entered: [], left: [] }
    for (const entity of entered) this.#put(entity, change)
    for (const values of changed) {
      const known = this.entities.get(values.id)
      if (known !== undefined) Object.assign(known, values)
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
