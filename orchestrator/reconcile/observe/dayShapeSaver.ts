import type { Clock } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Logger } from '../../../service/log.ts'
import type { DayQuarters } from '../../../store/records/records.ts'
import type { Store } from '../../../store/store.ts'
import { emptyMapMemory, type MapMemory, type PlanMemory } from '../../plan/action.ts'
import type { ReconcilerParts } from '../round.ts'

type Shapes = Pick<Store, 'dayShapes' | 'recordDayShapes'>

/**
 * Stores the day shapes that the planner learned, so that they outlive the leader: learning them takes days. They change when a quarter-hour is over,
 * and are written then, beside the rounds.
 */
export class DayShapeSaver {
  readonly #store: Shapes
  readonly #clock: Clock
  readonly #log: Pick<Logger, 'warn'>
  readonly #stored: Map<MapName, DayQuarters>
  #storing = false
  #failed = false

  private constructor(store: Shapes, clock: Clock, log: Pick<Logger, 'warn'>, stored: Map<MapName, DayQuarters>) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    this.#stored = stored
  }

  /** Throws DEPENDENCY_DOWN. */
  static async load(store: Shapes, clock: Clock, log: Pick<Logger, 'warn'>): Promise<DayShapeSaver> {
    return new DayShapeSaver(store, clock, log, await store.dayShapes())
  }

  /** The stored shapes as planner memory. */
  get maps(): Map<MapName, MapMemory> {
    return new Map([...this.#stored].map(([map, quarters]) => [map, { ...emptyMapMemory, dayShape: { quarters } }]))
  }

  /** Wraps the planner: after each plan, the shapes that it changed are stored. */
  savingAfter(plan: ReconcilerParts['plan']): ReconcilerParts['plan'] {
    return (input) => {
      const made = plan(input)
      void this.#save(made.memory)
      return made
    }
  }

  /** Never rejects: a failed write is tried again after the next round. */
  async #save({ maps }: PlanMemory): Promise<void> {
    if (this.#storing) return
    const learned = new Map<MapName, DayQuarters>()
    for (const [map, { dayShape }] of maps) {
      if (dayShape !== undefined && dayShape.quarters.length > 0 && this.#stored.get(map) !== dayShape.quarters) learned.set(map, dayShape.quarters)
    }
    if (learned.size === 0) return
    this.#storing = true
    try {
      await this.#store.recordDayShapes(learned, this.#clock.now())
      for (const [map, quarters] of learned) this.#stored.set(map, quarters)
      this.#failed = false
    } catch (error) {
      if (!this.#failed) this.#log.warn({ err: error }, 'could not store the day shapes; trying again after each round')
      this.#failed = true
    } finally {
      this.#storing = false
    }
  }
}
