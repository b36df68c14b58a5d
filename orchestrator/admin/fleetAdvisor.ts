import type { DurationMs, Instant } from '../../model/clock.ts'
import type { FleetName } from '../../model/ids.ts'
import { emptyMemory, type Plan, type PlanInput, type PlanMemory } from '../plan/action.ts'
import { fleetCensus } from '../reconcile/observe/fleetCensus.ts'
import { Lookout } from '../reconcile/observe/look.ts'
import { OwnWrites } from '../reconcile/observe/ownWrites.ts'
import type { ReconcilerParts } from '../reconcile/round.ts'

/** A plan so old is not answered from: the next one is made first. */
const FRESH_MS: DurationMs = 2_000

interface Advice {
  at: Instant
  servers: ReadonlyMap<FleetName, number>
}

/**
 * How many servers each fleet should have, by the plan itself. The leader answers from its rounds; a replica that does not
 * lead makes the same plan of the same world, with a memory of its own, and applies nothing: Agones may ask either.
 */
export class FleetAdvisor {
  readonly #parts: Pick<ReconcilerParts, 'plan' | 'clock' | 'policies'>
  readonly #lookout: Lookout
  #memory: PlanMemory = emptyMemory
  #last: Advice | undefined
  #planning: Promise<Advice> | undefined

  constructor(parts: ConstructorParameters<typeof Lookout>[0]) {
    this.#parts = parts
    this.#lookout = new Lookout(parts, new OwnWrites(), new Map())
  }

  /** The planner, overheard. */
  listening(plan: ReconcilerParts['plan']): ReconcilerParts['plan'] {
    return (input) => {
      const made = plan(input)
      this.#last = adviceOf(input, made)
      // Should this process stop leading, its own plans go on from here.
      this.#memory = made.memory
      return made
    }
  }

  /** Allocated ones included; undefined for a fleet that no policy names. Throws when the world cannot be read. */
  async wanted(fleet: FleetName, signal: AbortSignal): Promise<number | undefined> {
    if (this.#last !== undefined && this.#parts.clock.now() - this.#last.at <= FRESH_MS) return this.#last.servers.get(fleet)
    this.#planning ??= this.#plan(signal).finally(() => {
      this.#planning = undefined
    })
    return (await this.#planning).servers.get(fleet)
  }

  async #plan(signal: AbortSignal): Promise<Advice> {
    const { census, policies, servers, draining, moving, now } = await this.#lookout.look(signal)
    const input = { census, policies, fleets: fleetCensus(servers, census.servers, policies), draining, moving, memory: this.#memory, now }
    const made = this.#parts.plan(input)
    this.#memory = made.memory
    this.#last = adviceOf(input, made)
    return this.#last
  }
}

/** A fleet that the plan leaves alone has what it should have. */
function adviceOf({ fleets, now }: PlanInput, { actions }: Plan): Advice {
  const servers = new Map([...fleets].map(([fleet, { ready, allocated, starting }]) => [fleet, ready + allocated + starting]))
  for (const action of actions) if (action.type === 'scale') servers.set(action.fleet, action.servers)
  return { at: now, servers }
}
