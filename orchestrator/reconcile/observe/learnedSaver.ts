import type { Clock, Instant } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Logger } from '../../../service/log.ts'
import type { MapMemory, PlanMemory } from '../../plan/action.ts'
import type { ReconcilerParts } from '../round.ts'

export interface LearnedParts<Value> {
  /** What is stored already, by map. */
  stored: Map<MapName, Value>
  /** The value in the planner's memory of a map; undefined: the planner has not learned it yet. A changed value is another object. */
  learnedFrom: (memory: MapMemory) => Value | undefined
  record: (learned: ReadonlyMap<MapName, Value>, now: Instant) => Promise<void>
  /** For the log, such as "the day shapes". */
  what: string
  clock: Clock
  log: Pick<Logger, 'warn'>
}

/** Stores one kind of what the planner learns about maps, so that it outlives the leader. Changes are written beside the rounds. */
export class LearnedSaver<Value> {
  readonly #parts: LearnedParts<Value>
  #storing = false
  #failed = false

  protected constructor(parts: LearnedParts<Value>) {
    this.#parts = parts
  }

  get stored(): ReadonlyMap<MapName, Value> {
    return this.#parts.stored
  }

  /** Wraps the planner: after each plan, the values that it changed are stored. */
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
    const { stored, learnedFrom, record, what, clock, log } = this.#parts
    const learned = new Map<MapName, Value>()
    for (const [map, memory] of maps) {
      const value = learnedFrom(memory)
      if (value !== undefined && stored.get(map) !== value) learned.set(map, value)
    }
    if (learned.size === 0) return
    this.#storing = true
    try {
      await record(learned, clock.now())
      for (const [map, value] of learned) stored.set(map, value)
      this.#failed = false
    } catch (error) {
      if (!this.#failed) log.warn({ err: error }, `could not store ${what}; trying again after each round`)
      this.#failed = true
    } finally {
      this.#storing = false
    }
  }
}
