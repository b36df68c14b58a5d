import type { Clock } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Logger } from '../../../service/log.ts'
import type { DayQuarters } from '../../../store/records/records.ts'
import type { Store } from '../../../store/store.ts'
import type { PlanMemory } from '../../plan/action.ts'
import type { DayShape } from '../../plan/forecast/dayShape.ts'
import type { ReconcilerParts } from '../round.ts'

type Shapes = Pick<Store, 'dayShapes' | 'recordDayShapes'>

/**
 * What the planner learned of the times of day, beyond the term of one leader: it takes days to learn. Written when a quarter of an hour is over, which is
 * when it changes; nobody waits for it.
 */
export class DayShapeKeeper {
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
  static async recall(store: Shapes, clock: Clock, log: Pick<Logger, 'warn'>): Promise<DayShapeKeeper> {
    return new DayShapeKeeper(store, clock, log, await store.dayShapes())
  }

  /** As they were stored. */
  get shapes(): Map<MapName, DayShape> {
    return new Map([...this.#stored].map(([map, quarters]) => [map, { quarters }]))
  }

  /** The planner, overheard. */
  listening(plan: ReconcilerParts['plan']): ReconcilerParts['plan'] {
    return (input) => {
      const made = plan(input)
      void this.#keep(made.memory)
      return made
    }
  }

  /** Never rejects: what could not be stored is tried again after the next round. */
  async #keep({ dayShapes = new Map() }: PlanMemory): Promise<void> {
    if (this.#storing) return
    const learned = new Map<MapName, DayQuarters>()
    for (const [map, { quarters }] of dayShapes) if (quarters.length > 0 && this.#stored.get(map) !== quarters) learned.set(map, quarters)
    if (learned.size === 0) return
    this.#storing = true
    try {
      await this.#store.recordDayShapes(learned, this.#clock.now())
      for (const [map, quarters] of learned) this.#stored.set(map, quarters)
      this.#failed = false
    } catch (error) {
      if (!this.#failed) this.#log.warn({ err: error }, 'what was learned of the times of day cannot be stored now; trying again')
      this.#failed = true
    } finally {
      this.#storing = false
    }
  }
}
